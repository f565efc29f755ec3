"""The demo's people, in every role. Their password is one for all and is printed: the demo is no place for patients."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.actors import SYSTEM, actor_of
from webapp.acts.reauthentication import Given
from webapp.acts.recording import enter
from webapp.acts.second_factors import TOTP, factors_of
from webapp.adapters import one_time_codes
from webapp.adapters.outside import Outside
from webapp.adapters.passwords import hash_password
from webapp.adapters.store.schema import Factor, Person, RoleGrant
from webapp.domain.workflow import Actor
from webapp.errors import NotFound

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
    def has_app(self) -> bool:
        """Has this person an authenticator app? Whoever decides or administers has one; the others sign in without."""
        return bool({"informaticist", "physician", "administrator"} & set(self.roles))

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
                enter(outside, session, SYSTEM, "role.granted", ("person", person.id, None), reason=role)
            enter(outside, session, SYSTEM, "person.joined", ("person", person.id, None), after=("active", None))
            if person.credentials_confirmed_at is not None:
                enter(outside, session, SYSTEM, "person.credentials_confirmed", ("person", person.id, None))
    give_apps(outside)
    return True


def give_apps(outside: Outside) -> None:
    """Whoever decides or administers has an authenticator app; one that was revoked later is not given again."""
    with outside.database.writing() as session:
        for who in PEOPLE:
            person = session.scalar(select(Person).where(Person.email == who.email))
            if who.has_app and person is not None:
                had_one = session.scalar(select(Factor.id).where(Factor.person_id == person.id).limit(1))
                if had_one is None:
                    _add_app(outside, session, person)


def demo_actor(outside: Outside, key: str) -> Actor:
    """A demo person as an actor whose entries are marked ``via=demo``."""
    email = next(who.email for who in PEOPLE if who.key == key)
    with outside.database.reading() as session:
        return actor_of(session.scalars(select(Person).where(Person.email == email)).one(), "demo")


def given_again(outside: Outside, key: str) -> Given:
    """Password and present code of a demo person, as they would give them to sign."""
    return Given(PASSWORD, present_code(outside, key))


def present_code(outside: Outside, key: str) -> str:
    """The code that works now: the app's present one, or the next where that was used. NotFound names those who have an app."""
    app, now = _app(outside, key), one_time_codes.step_at(outside.now())
    return one_time_codes.code_of(_secret(outside, app), min(max(now, app.last_step + 1), now + 1))


def secrets_of_apps(outside: Outside) -> dict[str, str]:
    """The secret of each demo person's app by the person's key, as an app takes it."""
    found = {}
    for who in PEOPLE:
        with suppress(NotFound):
            found[who.key] = one_time_codes.base32(_secret(outside, _app(outside, who.key)))
    return found


def _app(outside: Outside, key: str) -> Factor:
    who = next((who for who in PEOPLE if who.key == key and who.has_app), None)
    with outside.database.reading() as session:
        email = "" if who is None else who.email
        person_id = session.scalar(select(Person.id).where(Person.email == email)) or ""
        apps = factors_of(session, person_id, TOTP)
    if not apps:
        names = ", ".join(who.key for who in PEOPLE if who.has_app)
        raise NotFound(f"{key or 'Nobody'} has no authenticator app here; these have one: {names}.")
    return apps[0]


def _secret(outside: Outside, app: Factor) -> bytes:
    return outside.keyring.unseal(app.secret or b"", app.id)


def _add_app(outside: Outside, session: Session, person: Person) -> None:
    factor_id, secret = outside.new_id("fac"), outside.chance(one_time_codes.SECRET_BYTES)
    session.add(
        Factor(
            id=factor_id,
            person_id=person.id,
            kind=TOTP,
            name="Demo app",
            created_at=outside.now(),
            confirmed_at=outside.now(),
            secret=outside.keyring.seal(secret, factor_id, outside.chance),
        )
    )
    enter(outside, session, SYSTEM, "factor.enrolled", ("person", person.id, None), reason=TOTP)
