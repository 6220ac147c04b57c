//! A permit that is wrong in any one way lets nothing in: nothing is even loaded.

use crate::stage::*;
use proof::{Basis, Sha256, SigningKey};
use serde_json::json;

/// Why a version with this permit is not served.
fn refused(permit: &PermitFor, now: i64) -> String {
    let mut services = services();
    services.set_plan(plan(3, vec![share(1, 100, permit)], Vec::new()));
    assert_eq!(load_all(&mut services, now), Vec::<String>::new(), "it must not even be loaded");
    let (_, arms) = answers(&mut services, now);
    arms[0].1.clone().unwrap_err()
}

#[test]
fn a_right_permit_lets_in_what_it_is_for() {
    let mut services = services();
    services.set_plan(plan(3, vec![share(1, 100, &permit(1, 3))], Vec::new()));
    assert_eq!(load_all(&mut services, NOW), [name(1)]);
    assert_eq!(answers(&mut services, NOW), (3, vec![(name(1), Ok(true))]));
}

#[test]
fn a_permit_for_something_else_lets_nothing_in() {
    let right = permit(1, 3);
    let other_key = SigningKey::from_entropy([8; 32]).unwrap();
    let wrong = [
        (PermitFor { key: other_key, ..right.clone() }, "not signed by key"),
        (PermitFor { server: "other.example".to_owned(), ..right.clone() }, "from server `other.example`"),
        (PermitFor { audience: "staging".to_owned(), ..right.clone() }, "for infrastructure `staging`"),
        (PermitFor { service: "lesion".to_owned(), ..right.clone() }, "for service `lesion`"),
        (PermitFor { revision: 2, ..right.clone() }, "for revision 2, not 3"),
        (PermitFor { version: name(2), ..right.clone() }, "for version `diagnosis/tumour:2`"),
        (PermitFor { digest: Sha256::of(b"other bytes"), ..right.clone() }, "not the files that were let in"),
        (PermitFor { from: NOW + 2 * HOUR, until: NOW + 3 * HOUR, ..right.clone() }, "not valid yet"),
        (PermitFor { from: NOW - 2 * HOUR, until: NOW, ..right.clone() }, "has ended"),
    ];
    for (permit, why) in wrong {
        let reason = refused(&permit, NOW);
        assert!(reason.contains(why), "{reason}");
    }
}

#[test]
fn a_clock_two_days_off_lets_nothing_in() {
    let right = permit(1, 3);
    assert!(refused(&right, NOW + 48 * HOUR).contains("has ended"));
    assert!(refused(&right, NOW - 48 * HOUR).contains("check this machine's clock"));
}

#[test]
fn an_altered_permit_lets_nothing_in() {
    let envelope = permit(1, 3).envelope();
    let text = envelope["payload"].as_str().unwrap();
    for place in [10, text.len() / 2, text.len() - 5] {
        let mut altered = text.as_bytes().to_vec();
        altered[place] = if altered[place] == b'A' { b'B' } else { b'A' };
        let mut share = share(1, 100, &permit(1, 3));
        share["permit"]["envelope"]["payload"] = json!(String::from_utf8(altered).unwrap());
        let mut services = services();
        services.set_plan(plan(3, vec![share], Vec::new()));
        assert!(services.begin_loads(NOW).is_empty());
        assert!(answers(&mut services, NOW).1[0].1.is_err());
    }
}

#[test]
fn what_was_not_approved_says_so_and_can_be_ruled_out() {
    let acknowledged = PermitFor { basis: Basis::Acknowledged, ..permit(1, 3) };
    let mut services = services();
    services.set_plan(plan(3, vec![share(1, 100, &acknowledged)], Vec::new()));
    load_all(&mut services, NOW);
    assert_eq!(answers(&mut services, NOW), (3, vec![(name(1), Ok(false))]));

    let strict = node::services::Trust { require_approved: true, ..trust() };
    let mut services = node::services::ServiceManager::new(strict, "production".to_owned());
    services.set_plan(plan(3, vec![share(1, 100, &acknowledged)], Vec::new()));
    assert!(services.begin_loads(NOW).is_empty());
}

#[test]
fn a_permit_that_ends_takes_its_version_out_and_a_renewed_one_brings_it_back_without_loading() {
    let mut services = services();
    services.set_plan(plan(3, vec![share(1, 100, &permit(1, 3))], Vec::new()));
    load_all(&mut services, NOW);
    let table = services.table(NOW + HOUR - 1);
    assert!(table.services["tumour"].arms[0].model(NOW + HOUR - 1).is_ok());
    // Also for a request that still holds the old table.
    assert!(table.services["tumour"].arms[0].model(NOW + HOUR).is_err_and(|why| why.contains("ended")));
    assert!(answers(&mut services, NOW + HOUR).1[0].1.is_err());

    let renewed = PermitFor { from: NOW + HOUR, until: NOW + 2 * HOUR, ..permit(1, 3) };
    services.set_plan(plan(3, vec![share(1, 100, &renewed)], Vec::new()));
    assert!(services.begin_loads(NOW + HOUR).is_empty());
    assert_eq!(answers(&mut services, NOW + HOUR), (3, vec![(name(1), Ok(true))]));
}
