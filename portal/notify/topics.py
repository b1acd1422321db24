"""What there is to tell: each topic says in which words, when somebody is about to be told.

A capability registers its topics from its ``tasks``, as it registers its jobs. This floor knows
neither tenants nor organizations: it asks the topic for a letter, for one reader, and carries it.
Templates that people write themselves can take the place of a topic's own later; a letter already
names its template and what that is given.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from portal.core.access import Actor

Nature = Literal["money", "security", "digest"]


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a letter is written: with whose rights, and which part they want to hear of.

    Empty ``connections`` and ``organizations`` mean all. ``until`` is when it is written; ``since``
    what was told before ends.
    """

    actor: Actor
    since: datetime
    until: datetime
    connections: tuple[UUID, ...] = ()
    organizations: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """What is said: by mail the template, to programs the data.

    ``template`` names ``templates/notify/<template>.txt`` and ``.html``.
    """

    subject: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Topic:
    """A name, a label for people, why it may disturb them, and who writes it.

    ``write`` returns None when nothing is left to say; it is called in a transaction, in the
    reader's own scope. ``needs`` is the right that makes somebody a reader.
    """

    name: str
    label: str
    nature: Nature
    needs: str
    write: Callable[[Reader], Letter | None]


_topics: dict[str, Topic] = {}


def register_topic(topic: Topic) -> None:
    """Let a topic be told; one of each name."""
    if _topics.setdefault(topic.name, topic) is not topic:
        raise LookupError(f"A topic is called {topic.name!r} already.")


def topic_named(name: str) -> Topic | None:
    """Return a topic, or None: a worker of an older release does not know it."""
    return _topics.get(name)


def describe_topic(name: str) -> str:
    """Say what a topic is about in words, until there is a subject."""
    found = topic_named(name)
    return found.label if found else name


def topics() -> tuple[Topic, ...]:
    """Return every topic there is, by name."""
    return tuple(_topics[name] for name in sorted(_topics))
