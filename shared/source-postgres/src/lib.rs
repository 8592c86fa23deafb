//! PostgreSQL tables and queries as a source, by binary COPY.
