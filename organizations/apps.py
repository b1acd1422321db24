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
        from organizations.directory.queries import known_partners
        from organizations.linking import finding as _tenants  # noqa: F401
        from portal.notify.topics import register_topic
        from tenants.discovery.partners import name_partners

        for topic in TOPICS:
            register_topic(topic)
        name_partners(known_partners)
