"""The demo's people, in every role. Their password is one for all and is printed: the demo is no place for patients."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from webapp.acts.actors import SYSTEM, actor_of
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.passwords import hash_password
from webapp.adapters.store.schema import Person, RoleGrant
from webapp.domain.workflow import Actor

PASSWORD = "formulary demo only"  # noqa: S105


@dataclass(frozen=True)
class DemoPerson:
    """One person of the demo."""

    key: str
    name: str
    roles: tuple[str, ...]
    title: str = ""
    credentials: str = ""
    specialty: str = ""

    @property
    def email(self) -> str:
        """The mail address with which this person signs in."""
        return f"{self.key}@demo.example"


PEOPLE = (
    DemoPerson("ada", "Ada Brandt", ("author",), "Machine learning engineer"),
    DemoPerson("ben", "Ben Carver", ("author",), "Prompt engineer"),
    DemoPerson("kim", "Kim Alvarez", ("informaticist",), "Clinical informaticist", "RN, MSN"),
    DemoPerson("lee", "Lee Park", ("informaticist",), "Clinical informaticist", "PharmD"),
    DemoPerson("osei", "Abena Osei", ("physician",), "Attending physician", "MD", "Internal medicine"),
    DemoPerson("lund", "Karin Lund", ("physician",), "Attending physician", "MD, PhD", "Emergency medicine"),
    DemoPerson("quinn", "Quinn Reyes", ("auditor",), "Compliance auditor"),
    DemoPerson("ruth", "Ruth Adler", ("administrator",), "System administrator"),
    DemoPerson("sam", "Sam Ibarra", ("administrator",), "System administrator"),
)


def join_everyone(outside: Outside) -> bool:
    """Every demo person can sign in; False when they were there already."""
    with outside.database.reading() as session:
        if session.scalar(select(Person.id).limit(1)) is not None:
            return False
    hashed = hash_password(PASSWORD)
    with outside.database.writing() as session:
        for who in PEOPLE:
            person = Person(
                id=outside.new_id("per"),
                name=who.name,
                email=who.email,
                title=who.title,
                credentials=who.credentials,
                specialty=who.specialty,
                password_hash=hashed,
                created_at=outside.now(),
                credentials_confirmed_at=outside.now() if "physician" in who.roles else None,
            )
            session.add(person)
            session.flush()
            for role in who.roles:
                session.add(
                    RoleGrant(id=outside.new_id("rol"), person_id=person.id, role=role, granted_at=outside.now())
                )
                enter(outside, session, SYSTEM, "role.granted", ("person", person.id, None), after=(role, None))
            enter(outside, session, SYSTEM, "person.joined", ("person", person.id, None), after=("active", None))
    return True


def demo_actor(outside: Outside, key: str) -> Actor:
    """A demo person as an actor whose entries are marked ``via=demo``."""
    email = next(who.email for who in PEOPLE if who.key == key)
    with outside.database.reading() as session:
        return actor_of(session.scalars(select(Person).where(Person.email == email)).one(), "demo")
