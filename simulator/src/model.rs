//! What AWS knows: shapes of requests, replies and errors, taken from its own models.
