//! End to end: scenarios, crash tests, live services.
