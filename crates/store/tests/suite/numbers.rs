//! Numbers that are missing, or too large for a column, are errors: none is read or written as another number.

use crate::{
    database::{Fresh, both},
    world::{World, event, origin},
};
use store::*;

both! {
    a_number_beyond_the_column_is_not_written
    a_number_below_zero_is_not_read
}

async fn a_number_beyond_the_column_is_not_written(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    world.write(&store).await;
    for size in [1 << 63, u64::MAX] {
        let mut tx = store.write(origin()).await.unwrap();
        let error = tx.update(&Version { size, ..world.version.clone() }).await.unwrap_err();
        assert!(matches!(error, StoreError::TooLarge(number) if number == size), "{error:?}");
        tx.record(event("lost"), About::default());
        assert!(matches!(tx.commit().await, Err(StoreError::Failed)));
    }
    let largest = Version { size: (1 << 63) - 1, ..world.version.clone() };
    let mut tx = store.write(origin()).await.unwrap();
    tx.update(&largest).await.unwrap();
    tx.record(event("kept"), About::default());
    tx.commit().await.unwrap();
    assert_eq!(store.read().await.unwrap().version(largest.id).await.unwrap(), Some(largest));
}

async fn a_number_below_zero_is_not_read(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    world.write(&store).await;
    for (column, value) in [("number", "-1"), ("number", "4294967296"), ("size", "-1")] {
        fresh.raw.execute(format!("UPDATE versions SET {column} = {value}")).await;
        let mut reader = store.read().await.unwrap();
        assert!(matches!(reader.version(world.version.id).await, Err(StoreError::Altered(_))), "{column} = {value}");
        if column == "number" {
            assert!(matches!(reader.last_number(world.model.id).await, Err(StoreError::NotANumber(..))), "{value}");
        }
        drop(reader);
        fresh.raw.execute("UPDATE versions SET number = 1, size = 20").await;
    }
}
