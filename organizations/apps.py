"""Registers the app with Django, and what it has to tell people."""

from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "organizations"

    def ready(self) -> None:
        """Register what can be found and what people can be told (modules register on import).

        In the web too: people choose there among what they are told.
        """
        from organizations.alert.letters import TOPICS
        from organizations.directory import finding as _organizations  # noqa: F401
        from organizations.directory.account_parts import register_account_part
        from organizations.directory.queries import known_partners
        from organizations.linking import finding as _tenants  # noqa: F401
        from organizations.passwords.letters import LETTERS
        from organizations.passwords.models import FirstPassword
        from organizations.provisioning.letters import LETTERS as PROVISIONING_LETTERS
        from organizations.provisioning.telling import TOPIC
        from organizations.synchronizing import microsoft as _microsoft  # noqa: F401
        from organizations.synchronizing.shown import sync_status_part
        from portal.notify.letters.kinds import register_letter
        from portal.notify.topics import register_topic
        from tenants.connections.queries import Sealed, register_sealed
        from tenants.discovery.partners import name_partners

        register_account_part("synchronization", sync_status_part)
        for topic in (*TOPICS, TOPIC):
            register_topic(topic)
        for kind in (*LETTERS, *PROVISIONING_LETTERS):
            register_letter(kind)
        register_sealed(
            Sealed(
                FirstPassword,
                "password_sealed",
                FirstPassword.seal,
                lambda row: f"first password of {row}",
            )
        )
        name_partners(known_partners)
