#[path = "../../../../tests/support/postgres.rs"]
mod server;

use super::*;

#[test]
fn an_address_never_shows_its_user_or_password() {
    let connections = Connections::parse("postgres://someone:s3cret@db.example:5433/shop").unwrap();
    assert_eq!(format!("{connections:?}"), "Connections(\"postgres://db.example:5433/shop\")");
    for bad in ["postgres://me:s3cret@db:port/shop", "mysql://me:s3cret@db/shop", "s3cret"] {
        let error = Connections::parse(bad).unwrap_err();
        assert!(!format!("{error:?} {error}").contains("s3cret"), "{error:?}");
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: MILLSTREAM_TEST_POSTGRES"]
async fn statements_do_not_add_up_on_the_server() {
    let url = server::new_database("millstream_destination_prepared", "").await;
    let connections = Connections::parse(&url).unwrap();
    for _ in 0..20 {
        let mut lease = connections.lend().await.unwrap();
        sqlx::query("SELECT 1").execute(&mut lease.connection).await.unwrap();
        lease.give_back();
    }
    let mut lease = connections.lend().await.unwrap();
    let kept = server::number(&mut lease.connection, "SELECT COUNT(*) FROM pg_prepared_statements").await;
    assert!(kept <= 1, "{kept} are kept, and one of them asks");
}
