//! Mail addresses belong to one account each, whatever their case.

use crate::{
    database::{Fresh, both},
    world::{World, event, id, origin, parse},
};
use store::*;

both! {
    an_address_belongs_to_one_account
    an_account_keeps_its_own_address
}

fn user(number: u32, address: Option<&str>) -> User {
    User { id: id(50, number), name: parse(format!("person-{number}")), email: address.map(str::to_owned), ..World::new(1).user }
}

async fn an_address_belongs_to_one_account(fresh: Fresh) {
    let store = fresh.store().await;
    let mut tx = store.write(origin()).await.unwrap();
    for (number, address) in [(1, "Jo.Straße@Example.org"), (2, "ΣΊΣΥΦΟΣ@example.org")] {
        tx.insert(&user(number, Some(address))).await.unwrap();
    }
    tx.insert(&user(3, None)).await.unwrap();
    tx.insert(&user(4, None)).await.unwrap();
    tx.record(event("people"), About::default());
    for taken in ["jo.strasse@example.org", "JO.STRASSE@EXAMPLE.ORG", "Jo.Straße@Example.org", "σίσυφος@EXAMPLE.org"] {
        assert!(matches!(tx.insert(&user(5, Some(taken))).await, Err(StoreError::AddressTaken)), "{taken}");
        assert!(matches!(tx.update(&user(3, Some(taken))).await, Err(StoreError::AddressTaken)), "{taken}");
    }
    tx.insert(&user(5, Some("jo.strase@example.org"))).await.unwrap();
    tx.record(event("another"), About::default());
    tx.commit().await.unwrap();
    assert_eq!(verify::verify(&mut store.read().await.unwrap(), &[]).await.unwrap().findings, []);
}

async fn an_account_keeps_its_own_address(fresh: Fresh) {
    let store = fresh.store().await;
    let mut tx = store.write(origin()).await.unwrap();
    tx.insert(&user(1, Some("a@example.org"))).await.unwrap();
    tx.insert(&user(2, None)).await.unwrap();
    tx.update(&user(1, Some("A@example.org"))).await.unwrap();
    assert!(matches!(tx.update(&user(2, Some("a@example.org"))).await, Err(StoreError::AddressTaken)));
    // Given up, it is free again.
    tx.update(&user(1, Some("b@example.org"))).await.unwrap();
    tx.update(&user(2, Some("a@example.org"))).await.unwrap();
    tx.update(&user(1, None)).await.unwrap();
    tx.update(&user(2, Some("B@example.org"))).await.unwrap();
    tx.record(event("people"), About::default());
    tx.commit().await.unwrap();
}
