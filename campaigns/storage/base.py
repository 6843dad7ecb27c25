"""The one declarative base, so that all rooms' tables form one schema with predictable constraint names."""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

# Alembic can only drop or compare a constraint on both engines when it has a name.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table of the project. A room's models stand in that room, beside the functions that keep their rules."""

    metadata = MetaData(naming_convention=NAMING)
