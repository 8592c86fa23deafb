//! PostgreSQL as a destination, by binary COPY.
