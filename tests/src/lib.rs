//! Tests of behaviour through the public faces, on both databases, a module for each question. The testkit runs the server and
//! the people.

#[cfg(test)]
mod absences;
#[cfg(test)]
mod acceptance;
#[cfg(test)]
mod architecture;
#[cfg(test)]
mod authorization;
#[cfg(test)]
mod authors;
#[cfg(test)]
mod bad_files;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod bad_requests;
#[cfg(test)]
mod bodies;
#[cfg(test)]
mod circles;
#[cfg(test)]
mod comparison;
#[cfg(test)]
mod evidence;
#[cfg(test)]
mod faces;
#[cfg(test)]
mod faces_own_their_words;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod forging;
#[cfg(test)]
mod fresh_sign_in;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod gate_ground;
#[cfg(test)]
mod inbox;
#[cfg(test)]
mod invitations;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod known_files;
#[cfg(test)]
mod lapses;
#[cfg(test)]
mod late_bodies;
#[cfg(test)]
mod links;
#[cfg(test)]
mod log_keys;
#[cfg(test)]
mod long_lists;
#[cfg(test)]
mod mail_server;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod names;
#[cfg(test)]
mod nodes;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod policies;
#[cfg(test)]
mod races;
#[cfg(test)]
mod record;
#[cfg(test)]
mod remembered;
#[cfg(test)]
mod reminders;
#[cfg(test)]
mod renewals;
#[cfg(test)]
mod replaying;
#[cfg(test)]
mod restored;
#[cfg(test)]
mod retired;
#[cfg(test)]
mod reviewers;
#[cfg(test)]
mod rounds;
#[cfg(test)]
mod same_bytes;
#[cfg(test)]
mod scenario;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod servability;
#[cfg(test)]
mod sql;
#[cfg(test)]
mod stranded;
#[cfg(test)]
mod tampering;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod two_phases;
#[cfg(test)]
mod two_sign_offs;
#[cfg(test)]
mod unsigned;
#[cfg(test)]
mod webhooks;
#[cfg(test)]
mod without_the_key;
#[cfg(test)]
mod year;
