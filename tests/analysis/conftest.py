"""Properties are judged by what they say, never by how fast a busy machine runs them."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
