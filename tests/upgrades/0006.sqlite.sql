BEGIN TRANSACTION;
CREATE TABLE "account_mails" (
	id INTEGER NOT NULL, 
	person_id INTEGER, 
	purpose VARCHAR(20) NOT NULL, 
	email VARCHAR(254) NOT NULL, 
	locale VARCHAR(2) NOT NULL, 
	nonce VARCHAR(32) NOT NULL, 
	created_at DATETIME NOT NULL, 
	mailed_at DATETIME, 
	used_at DATETIME, 
	draft_id INTEGER, facts JSON, 
	CONSTRAINT pk_account_mails PRIMARY KEY (id), 
	CONSTRAINT fk_account_mails_person_id_people FOREIGN KEY(person_id) REFERENCES people (id), 
	CONSTRAINT fk_account_mails_draft_id_sign_up_drafts FOREIGN KEY(draft_id) REFERENCES sign_up_drafts (id) ON DELETE SET NULL
);
INSERT INTO "account_mails" VALUES(1,1,'made-up purpose','made-up email','ma','made-up nonce','2025-06-01 11:22:33.444555','2025-06-01 11:22:33.444555','2025-06-01 11:22:33.444555',1,'"made-up facts"');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0006');
CREATE TABLE auctions (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	concert_id INTEGER NOT NULL, 
	seats INTEGER NOT NULL, 
	minimum INTEGER NOT NULL, 
	step INTEGER NOT NULL, 
	pricing VARCHAR(16) NOT NULL, 
	opens_at DATETIME NOT NULL, 
	closes_at DATETIME NOT NULL, 
	ends_at DATETIME NOT NULL, 
	soft_close_seconds INTEGER NOT NULL, 
	soft_close_cap_seconds INTEGER NOT NULL, 
	purchase_hours INTEGER NOT NULL, 
	offer_hours INTEGER NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	recorded_sequence INTEGER NOT NULL, 
	final_sequence INTEGER, 
	alias_salt VARCHAR(32) NOT NULL, 
	settled_at DATETIME, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT ck_auctions_prices CHECK (minimum >= 0 AND step >= 1), 
	CONSTRAINT ck_auctions_window CHECK (opens_at < closes_at), 
	CONSTRAINT ck_auctions_recorded CHECK (recorded_sequence >= 0), 
	CONSTRAINT ck_auctions_seats CHECK (seats >= 1), 
	CONSTRAINT fk_auctions_concert_id_concerts FOREIGN KEY(concert_id) REFERENCES concerts (id)
);
INSERT INTO "auctions" VALUES(1,2,2,100000,5000,'pay_as_bid','2025-06-01 10:00:00.000000','2025-06-01 12:00:00.000000','2025-06-01 12:00:00.000000',0,1800,24,12,'settled',4,4,'salt of a test','2026-11-27 11:22:39.641000','2026-11-27 11:22:39.577149');
INSERT INTO "auctions" VALUES(2,3,2,100000,5000,'pay_as_bid','2025-06-01 10:00:00.000000','2025-06-01 12:00:00.000000','2025-06-01 12:00:00.000000',0,1800,24,12,'voided',2,NULL,'salt of a test',NULL,'2026-11-27 11:22:39.836917');
INSERT INTO "auctions" VALUES(3,4,2,100000,5000,'pay_as_bid','2025-06-01 10:00:00.000000','2025-06-01 12:00:00.000000','2025-06-01 12:00:00.000000',0,1800,24,12,'closing',2,2,'salt of a test',NULL,'2026-11-27 11:22:39.918678');
INSERT INTO "auctions" VALUES(4,5,2,100000,5000,'pay_as_bid','2025-06-01 10:00:00.000000','2025-06-01 12:00:00.000000','2025-06-01 12:00:00.000000',0,1800,24,12,'open',3,NULL,'salt of a test',NULL,'2026-11-27 11:22:39.927756');
INSERT INTO "auctions" VALUES(5,1,2,100000,5000,'pay_as_bid','2025-06-01 10:00:00.000000','2099-06-01 10:00:00.000000','2099-06-01 10:00:00.000000',0,1800,24,12,'open',3,NULL,'salt of a test',NULL,'2026-11-27 11:22:39.944144');
INSERT INTO "auctions" VALUES(6,1,2,100000,5000,'uniform','2099-06-01 10:00:00.000000','2099-06-01 11:00:00.000000','2099-06-01 11:00:00.000000',0,1800,24,12,'open',0,NULL,'salt of a test',NULL,'2026-11-27 11:22:39.952122');
CREATE TABLE authenticator_apps (
	person_id INTEGER NOT NULL, 
	sealed_secret VARCHAR(255) NOT NULL, 
	last_step BIGINT NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_authenticator_apps PRIMARY KEY (person_id), 
	CONSTRAINT fk_authenticator_apps_person_id_people FOREIGN KEY(person_id) REFERENCES people (id)
);
INSERT INTO "authenticator_apps" VALUES(1,'made-up sealed_secret',1,'2025-06-01 11:22:33.444555');
CREATE TABLE award_events (
	id INTEGER NOT NULL, 
	auction_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	award_id INTEGER NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_award_events PRIMARY KEY (id), 
	CONSTRAINT fk_award_events_auction_id_auctions FOREIGN KEY(auction_id) REFERENCES auctions (id), 
	CONSTRAINT fk_award_events_award_id_awards FOREIGN KEY(award_id) REFERENCES awards (id), 
	CONSTRAINT uq_award_events_auction_id_number UNIQUE (auction_id, number)
);
INSERT INTO "award_events" VALUES(1,1,1,1,'offered','2026-11-27 11:22:39.641000');
INSERT INTO "award_events" VALUES(2,1,2,2,'offered','2026-11-27 11:22:39.641000');
INSERT INTO "award_events" VALUES(3,1,3,1,'bought','2026-11-27 11:22:39.759786');
INSERT INTO "award_events" VALUES(4,1,4,2,'declined','2026-11-27 11:22:39.789901');
INSERT INTO "award_events" VALUES(5,1,5,3,'offered','2026-11-27 11:22:39.789901');
CREATE TABLE awards (
	id INTEGER NOT NULL, 
	auction_id INTEGER NOT NULL, 
	concert_id INTEGER NOT NULL, 
	seat_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	previous_id INTEGER, 
	rank INTEGER NOT NULL, 
	price BIGINT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	live INTEGER GENERATED ALWAYS AS (CASE WHEN state IN ('offered', 'bought') THEN 1 ELSE NULL END) STORED, 
	offered_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	decided_at DATETIME, person_name VARCHAR(80), 
	CONSTRAINT pk_awards PRIMARY KEY (id), 
	CONSTRAINT fk_awards_auction_id_auctions FOREIGN KEY(auction_id) REFERENCES auctions (id), 
	CONSTRAINT fk_awards_concert_id_concerts FOREIGN KEY(concert_id) REFERENCES concerts (id), 
	CONSTRAINT fk_awards_person_id_people FOREIGN KEY(person_id) REFERENCES people (id), 
	CONSTRAINT fk_awards_previous_id_awards FOREIGN KEY(previous_id) REFERENCES awards (id), 
	CONSTRAINT fk_awards_seat_id_seats FOREIGN KEY(seat_id) REFERENCES seats (id), 
	CONSTRAINT uq_awards_auction_id_person_id UNIQUE (auction_id, person_id), 
	CONSTRAINT uq_awards_concert_id_person_id_live UNIQUE (concert_id, person_id, live), 
	CONSTRAINT uq_awards_seat_id_live UNIQUE (seat_id, live)
);
INSERT INTO "awards" VALUES(1,1,2,1,3,NULL,1,125000,'bought','2026-11-27 11:22:39.641000','2026-11-28 11:22:39.641000','2026-11-27 11:22:39.759786','bob');
INSERT INTO "awards" VALUES(2,1,2,2,2,NULL,2,120000,'declined','2026-11-27 11:22:39.641000','2026-11-28 11:22:39.641000','2026-11-27 11:22:39.789901','앨리스 김');
INSERT INTO "awards" VALUES(3,1,2,2,4,2,3,105000,'offered','2026-11-27 11:22:39.789901','2026-11-27 23:22:39.789000',NULL,'carol');
CREATE TABLE bids (
	id INTEGER NOT NULL, 
	auction_id INTEGER NOT NULL, 
	sequence INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	nth INTEGER NOT NULL, 
	amount BIGINT NOT NULL, 
	at_ms BIGINT NOT NULL, 
	ends_at_ms BIGINT NOT NULL, 
	request_id VARCHAR(64) NOT NULL, 
	rank INTEGER NOT NULL, 
	cutoff BIGINT NOT NULL, 
	displaced_id INTEGER, 
	alert BOOLEAN NOT NULL, 
	CONSTRAINT pk_bids PRIMARY KEY (id), 
	CONSTRAINT ck_bids_amount CHECK (amount >= 0), 
	CONSTRAINT ck_bids_chances CHECK (nth BETWEEN 1 AND 3), 
	CONSTRAINT fk_bids_auction_id_auctions FOREIGN KEY(auction_id) REFERENCES auctions (id), 
	CONSTRAINT fk_bids_displaced_id_people FOREIGN KEY(displaced_id) REFERENCES people (id), 
	CONSTRAINT fk_bids_person_id_people FOREIGN KEY(person_id) REFERENCES people (id), 
	CONSTRAINT uq_bids_auction_id_person_id_nth UNIQUE (auction_id, person_id, nth), 
	CONSTRAINT uq_bids_auction_id_person_id_request_id UNIQUE (auction_id, person_id, request_id), 
	CONSTRAINT uq_bids_auction_id_sequence UNIQUE (auction_id, sequence)
);
INSERT INTO "bids" VALUES(1,1,1,2,1,120000,1748772000001,1748779200000,'request-1',1,100000,NULL,0);
INSERT INTO "bids" VALUES(2,1,2,3,1,110000,1748772000002,1748779200000,'request-2',2,110000,NULL,0);
INSERT INTO "bids" VALUES(3,1,3,4,1,105000,1748772000003,1748779200000,'request-3',3,110000,NULL,0);
INSERT INTO "bids" VALUES(4,1,4,3,2,125000,1748772000004,1748779200000,'request-4',1,120000,NULL,0);
INSERT INTO "bids" VALUES(5,2,1,2,1,100000,1748772000001,1748779200000,'request-1',1,100000,NULL,0);
INSERT INTO "bids" VALUES(6,2,2,5,1,105000,1748772000002,1748779200000,'request-2',1,100000,NULL,0);
INSERT INTO "bids" VALUES(7,3,1,3,1,100000,1748772000001,1748779200000,'request-1',1,100000,NULL,0);
INSERT INTO "bids" VALUES(8,3,2,2,1,105000,1748772000002,1748779200000,'request-2',1,100000,NULL,0);
INSERT INTO "bids" VALUES(9,4,1,4,1,100000,1748772000001,1748779200000,'request-1',1,100000,NULL,0);
INSERT INTO "bids" VALUES(10,4,2,2,1,115000,1748772000002,1748779200000,'request-2',1,100000,NULL,0);
INSERT INTO "bids" VALUES(11,4,3,3,1,105000,1748772000003,1748779200000,'request-3',2,105000,4,1);
INSERT INTO "bids" VALUES(12,5,1,4,1,100000,1748772000001,4083991200000,'request-1',1,100000,NULL,0);
INSERT INTO "bids" VALUES(13,5,2,3,1,110000,1748772000002,4083991200000,'request-2',1,100000,NULL,0);
INSERT INTO "bids" VALUES(14,5,3,4,2,130000,1748772000003,4083991200000,'request-3',1,110000,NULL,0);
CREATE TABLE concerts (
	id INTEGER NOT NULL, 
	title VARCHAR(200) NOT NULL, 
	artist VARCHAR(200) NOT NULL, 
	venue VARCHAR(200) NOT NULL, 
	starts_at DATETIME NOT NULL, 
	cancel_until DATETIME NOT NULL, 
	genre VARCHAR(60), 
	age_limit INTEGER, 
	description TEXT, 
	poster VARCHAR(64), 
	created_at DATETIME NOT NULL, alias_salt VARCHAR(32), 
	CONSTRAINT pk_concerts PRIMARY KEY (id)
);
INSERT INTO "concerts" VALUES(1,'봄밤 🌙','Seoul Quartet','올림픽홀','2099-07-01 10:00:00.000000','2099-06-30 10:00:00.000000','재즈',8,NULL,NULL,'2026-11-27 11:22:39.575469',NULL);
INSERT INTO "concerts" VALUES(2,'한여름 밤의 공연','Seoul Quartet','올림픽홀','2031-05-11 12:00:00.000000','2031-05-10 12:00:00.000000',NULL,NULL,NULL,NULL,'2026-11-27 11:22:39.576001',NULL);
INSERT INTO "concerts" VALUES(3,'취소된 밤','Seoul Quartet','올림픽홀','2031-05-11 12:00:00.000000','2031-05-10 12:00:00.000000',NULL,NULL,NULL,NULL,'2026-11-27 11:22:39.836082',NULL);
INSERT INTO "concerts" VALUES(4,'정산 중','Seoul Quartet','올림픽홀','2031-05-11 12:00:00.000000','2031-05-10 12:00:00.000000',NULL,NULL,NULL,NULL,'2026-11-27 11:22:39.909293',NULL);
INSERT INTO "concerts" VALUES(5,'아직 정산 전','Seoul Quartet','올림픽홀','2031-05-11 12:00:00.000000','2031-05-10 12:00:00.000000',NULL,NULL,NULL,NULL,'2026-11-27 11:22:39.927312',NULL);
CREATE TABLE known_browsers (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	token_hash VARCHAR(64) NOT NULL, 
	browser VARCHAR(200) NOT NULL, 
	first_seen_at DATETIME NOT NULL, 
	last_seen_at DATETIME NOT NULL, 
	CONSTRAINT pk_known_browsers PRIMARY KEY (id), 
	CONSTRAINT fk_known_browsers_person_id_people FOREIGN KEY(person_id) REFERENCES people (id), 
	CONSTRAINT uq_known_browsers_person_id_token_hash UNIQUE (person_id, token_hash)
);
INSERT INTO "known_browsers" VALUES(1,1,'made-up token_hash','made-up browser','2025-06-01 11:22:33.444555','2025-06-01 11:22:33.444555');
CREATE TABLE "notifications" (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	auction_id INTEGER, 
	kind VARCHAR(20) NOT NULL, 
	occasion INTEGER NOT NULL, 
	facts JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	seen_at DATETIME, 
	mailed_at DATETIME, 
	CONSTRAINT pk_notifications PRIMARY KEY (id), 
	CONSTRAINT fk_notifications_auction_id_auctions FOREIGN KEY(auction_id) REFERENCES auctions (id), 
	CONSTRAINT fk_notifications_person_id_people FOREIGN KEY(person_id) REFERENCES people (id), 
	CONSTRAINT uq_notifications_person_id_auction_id_kind_occasion UNIQUE (person_id, auction_id, kind, occasion)
);
INSERT INTO "notifications" VALUES(1,3,1,'won',1,'{"award_id": 1, "seat": "VIP-1", "price": 125000, "rank": 1, "expires_at": "2026-11-28T11:22:39.641Z"}','2026-11-27 11:22:39.641000',NULL,'2026-11-27 11:22:39.641000');
INSERT INTO "notifications" VALUES(2,2,1,'won',2,'{"award_id": 2, "seat": "VIP-2", "price": 120000, "rank": 2, "expires_at": "2026-11-28T11:22:39.641Z"}','2026-11-27 11:22:39.641000',NULL,'2026-11-27 11:22:39.641000');
INSERT INTO "notifications" VALUES(3,4,1,'not_won',0,'{"rank": 3, "amount": 105000, "position": 1}','2026-11-27 11:22:39.641000',NULL,'2026-11-27 11:22:39.641000');
INSERT INTO "notifications" VALUES(4,4,1,'offered',3,'{"award_id": 3, "seat": "VIP-2", "price": 105000, "rank": 3, "expires_at": "2026-11-27T23:22:39.789Z"}','2026-11-27 11:22:39.789901',NULL,'2026-11-27 11:22:39.789901');
INSERT INTO "notifications" VALUES(5,2,2,'voided',0,'{}','2026-11-27 11:22:39.857541',NULL,'2026-11-27 11:22:39.857541');
INSERT INTO "notifications" VALUES(6,5,2,'voided',0,'{}','2026-11-27 11:22:39.857541',NULL,'2026-11-27 11:22:39.857541');
INSERT INTO "notifications" VALUES(7,4,4,'rank_out',3,'{"amount": 105000, "cutoff": 105000}','2025-06-01 10:00:00.003000',NULL,NULL);
CREATE TABLE operator_acts (
	id INTEGER NOT NULL, 
	operator VARCHAR(80) NOT NULL, 
	act VARCHAR(40) NOT NULL, 
	subject VARCHAR(80) NOT NULL, 
	why VARCHAR(500) NOT NULL, 
	facts JSON NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_operator_acts PRIMARY KEY (id)
);
INSERT INTO "operator_acts" VALUES(1,'olga','auction void','auction 2','the hall burnt down','{"was": "open", "withdrawn": 0, "refunds": []}','2026-11-27 11:22:39.874082');
CREATE TABLE outbox (
	id INTEGER NOT NULL, 
	channel VARCHAR(16) NOT NULL, 
	source VARCHAR(16) NOT NULL, 
	reference INTEGER NOT NULL, 
	kind VARCHAR(24) NOT NULL, 
	address VARCHAR(254), 
	address_key VARCHAR(32), 
	asker_key VARCHAR(32), 
	locale VARCHAR(2), 
	priority SMALLINT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	due_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	tries INTEGER NOT NULL, 
	leased_until DATETIME, 
	lease_owner VARCHAR(32), 
	last_error VARCHAR(80) NOT NULL, 
	created_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	CONSTRAINT pk_outbox PRIMARY KEY (id), 
	CONSTRAINT uq_outbox_channel_source_reference UNIQUE (channel, source, reference)
);
INSERT INTO "outbox" VALUES(1,'mail','notice',1,'won',NULL,NULL,NULL,NULL,1,'waiting','2026-11-27 11:22:39.641000','2026-11-30 11:22:39.641000',0,NULL,NULL,'','2026-11-27 11:22:39.641000',NULL);
INSERT INTO "outbox" VALUES(2,'mail','notice',2,'won',NULL,NULL,NULL,NULL,1,'waiting','2026-11-27 11:22:39.641000','2026-11-30 11:22:39.641000',0,NULL,NULL,'','2026-11-27 11:22:39.641000',NULL);
INSERT INTO "outbox" VALUES(3,'mail','notice',3,'not_won',NULL,NULL,NULL,NULL,4,'waiting','2026-11-27 11:22:39.641000','2026-11-30 11:22:39.641000',0,NULL,NULL,'','2026-11-27 11:22:39.641000',NULL);
INSERT INTO "outbox" VALUES(4,'mail','notice',4,'offered',NULL,NULL,NULL,NULL,1,'waiting','2026-11-27 11:22:39.789901','2026-11-30 11:22:39.789901',0,NULL,NULL,'','2026-11-27 11:22:39.789901',NULL);
INSERT INTO "outbox" VALUES(5,'mail','notice',5,'voided',NULL,NULL,NULL,NULL,4,'waiting','2026-11-27 11:22:39.857541','2026-11-30 11:22:39.857541',0,NULL,NULL,'','2026-11-27 11:22:39.857541',NULL);
INSERT INTO "outbox" VALUES(6,'mail','notice',6,'voided',NULL,NULL,NULL,NULL,4,'waiting','2026-11-27 11:22:39.857541','2026-11-30 11:22:39.857541',0,NULL,NULL,'','2026-11-27 11:22:39.857541',NULL);
CREATE TABLE passkeys (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	credential_id VARCHAR(1400) NOT NULL, 
	public_key VARCHAR(1400) NOT NULL, 
	user_handle VARCHAR(64) NOT NULL, 
	name VARCHAR(60) NOT NULL, 
	sign_count BIGINT NOT NULL, 
	works_alone BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	last_used_at DATETIME, 
	CONSTRAINT pk_passkeys PRIMARY KEY (id), 
	CONSTRAINT fk_passkeys_person_id_people FOREIGN KEY(person_id) REFERENCES people (id), 
	CONSTRAINT uq_passkeys_credential_id UNIQUE (credential_id)
);
INSERT INTO "passkeys" VALUES(1,1,'made-up credential_id','made-up public_key','made-up user_handle','made-up name',1,1,'2025-06-01 11:22:33.444555','2025-06-01 11:22:33.444555');
CREATE TABLE pending_sign_ins (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	token_hash VARCHAR(64) NOT NULL, 
	session_epoch INTEGER NOT NULL, 
	failures INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	CONSTRAINT pk_pending_sign_ins PRIMARY KEY (id), 
	CONSTRAINT fk_pending_sign_ins_person_id_people FOREIGN KEY(person_id) REFERENCES people (id), 
	CONSTRAINT uq_pending_sign_ins_token_hash UNIQUE (token_hash)
);
INSERT INTO "pending_sign_ins" VALUES(1,1,'made-up token_hash',1,1,'2025-06-01 11:22:33.444555','2025-06-01 11:22:33.444555');
CREATE TABLE people (
	id INTEGER NOT NULL, 
	email VARCHAR(254) NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	birth_date DATE, 
	phone VARCHAR(20), 
	password_hash VARCHAR(255) NOT NULL, 
	locale VARCHAR(2) NOT NULL, 
	is_staff BOOLEAN NOT NULL, 
	verified_at DATETIME, 
	blocked_at DATETIME, 
	closed_at DATETIME, 
	session_epoch INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, bids_held_at DATETIME, 
	CONSTRAINT pk_people PRIMARY KEY (id), 
	CONSTRAINT uq_people_email UNIQUE (email), 
	CONSTRAINT uq_people_phone UNIQUE (phone)
);
INSERT INTO "people" VALUES(1,'olga@example.com','olga',NULL,NULL,'$argon2id$v=19$m=19456,t=2,p=1$BDTbotjf8JRqcVf4t/HcKw$HeMkKDhmNANwoCKKWX5z8Ns8W4NXQutskRzVHp2hjgU','ko',1,'2025-06-01 11:22:33.444555',NULL,NULL,1,1,'2026-11-27 11:22:39.560018',NULL);
INSERT INTO "people" VALUES(2,'alice@example.com','앨리스 김','1999-02-03','+821012345678','$argon2id$v=19$m=19456,t=2,p=1$BDTbotjf8JRqcVf4t/HcKw$HeMkKDhmNANwoCKKWX5z8Ns8W4NXQutskRzVHp2hjgU','en',0,'2025-06-01 11:22:33.444555',NULL,NULL,1,1,'2026-11-27 11:22:39.565643',NULL);
INSERT INTO "people" VALUES(3,'bob@example.com','bob',NULL,NULL,'$argon2id$v=19$m=19456,t=2,p=1$BDTbotjf8JRqcVf4t/HcKw$HeMkKDhmNANwoCKKWX5z8Ns8W4NXQutskRzVHp2hjgU','ko',0,'2025-06-01 11:22:33.444555',NULL,NULL,1,1,'2026-11-27 11:22:39.572782',NULL);
INSERT INTO "people" VALUES(4,'carol@example.com','carol',NULL,NULL,'$argon2id$v=19$m=19456,t=2,p=1$BDTbotjf8JRqcVf4t/HcKw$HeMkKDhmNANwoCKKWX5z8Ns8W4NXQutskRzVHp2hjgU','ko',0,'2025-06-01 11:22:33.444555',NULL,NULL,1,1,'2026-11-27 11:22:39.573848',NULL);
INSERT INTO "people" VALUES(5,'mallory@example.com','mallory',NULL,NULL,'$argon2id$v=19$m=19456,t=2,p=1$BDTbotjf8JRqcVf4t/HcKw$HeMkKDhmNANwoCKKWX5z8Ns8W4NXQutskRzVHp2hjgU','ko',0,'2025-06-01 11:22:33.444555','2025-06-01 11:22:33.444555',NULL,1,1,'2026-11-27 11:22:39.574298',NULL);
CREATE TABLE person_changes (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	field VARCHAR(16) NOT NULL, 
	old_value VARCHAR(80) NOT NULL, 
	new_value VARCHAR(80) NOT NULL, 
	operator VARCHAR(80) NOT NULL, 
	why VARCHAR(500) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_person_changes PRIMARY KEY (id), 
	CONSTRAINT fk_person_changes_person_id_people FOREIGN KEY(person_id) REFERENCES people (id)
);
INSERT INTO "person_changes" VALUES(1,1,'name','made-up old_value','made-up new_value','made-up operator','made-up why','2025-06-01 11:22:33.444555');
CREATE TABLE quarantined (
	id INTEGER NOT NULL, 
	auction_id INTEGER NOT NULL, 
	sequence INTEGER, 
	raw TEXT NOT NULL, 
	reason VARCHAR(500) NOT NULL, 
	set_aside_at DATETIME NOT NULL, 
	resolved_at DATETIME, 
	resolution VARCHAR(500), 
	CONSTRAINT pk_quarantined PRIMARY KEY (id), 
	CONSTRAINT fk_quarantined_auction_id_auctions FOREIGN KEY(auction_id) REFERENCES auctions (id), 
	CONSTRAINT uq_quarantined_auction_id_sequence UNIQUE (auction_id, sequence)
);
INSERT INTO "quarantined" VALUES(1,2,5,'not a bid','unreadable','2025-06-01 11:22:33.444555','2025-06-01 11:22:33.444555','left out');
CREATE TABLE recovery_codes (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	code_hash VARCHAR(64) NOT NULL, 
	created_at DATETIME NOT NULL, 
	used_at DATETIME, 
	CONSTRAINT pk_recovery_codes PRIMARY KEY (id), 
	CONSTRAINT fk_recovery_codes_person_id_people FOREIGN KEY(person_id) REFERENCES people (id)
);
INSERT INTO "recovery_codes" VALUES(1,1,'made-up code_hash','2025-06-01 11:22:33.444555','2025-06-01 11:22:33.444555');
CREATE TABLE seats (
	id INTEGER NOT NULL, 
	auction_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	label VARCHAR(20) NOT NULL, 
	CONSTRAINT pk_seats PRIMARY KEY (id), 
	CONSTRAINT fk_seats_auction_id_auctions FOREIGN KEY(auction_id) REFERENCES auctions (id), 
	CONSTRAINT uq_seats_auction_id_number UNIQUE (auction_id, number)
);
INSERT INTO "seats" VALUES(1,1,1,'VIP-1');
INSERT INTO "seats" VALUES(2,1,2,'VIP-2');
INSERT INTO "seats" VALUES(3,2,1,'VIP-1');
INSERT INTO "seats" VALUES(4,2,2,'VIP-2');
INSERT INTO "seats" VALUES(5,3,1,'VIP-1');
INSERT INTO "seats" VALUES(6,3,2,'VIP-2');
INSERT INTO "seats" VALUES(7,4,1,'VIP-1');
INSERT INTO "seats" VALUES(8,4,2,'VIP-2');
INSERT INTO "seats" VALUES(9,5,1,'VIP-1');
INSERT INTO "seats" VALUES(10,5,2,'VIP-2');
INSERT INTO "seats" VALUES(11,6,1,'VIP-1');
INSERT INTO "seats" VALUES(12,6,2,'VIP-2');
CREATE TABLE sequence_gaps (
	id INTEGER NOT NULL, 
	auction_id INTEGER NOT NULL, 
	first INTEGER NOT NULL, 
	last INTEGER NOT NULL, 
	reason VARCHAR(500) NOT NULL, 
	found_at DATETIME NOT NULL, 
	CONSTRAINT pk_sequence_gaps PRIMARY KEY (id), 
	CONSTRAINT ck_sequence_gaps_range CHECK (first >= 1 AND first <= last), 
	CONSTRAINT fk_sequence_gaps_auction_id_auctions FOREIGN KEY(auction_id) REFERENCES auctions (id), 
	CONSTRAINT uq_sequence_gaps_auction_id_first UNIQUE (auction_id, first)
);
INSERT INTO "sequence_gaps" VALUES(1,2,3,4,'lost with the live store','2025-06-01 11:22:33.444555');
CREATE TABLE sign_ins (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	handle VARCHAR(32) NOT NULL, 
	browser VARCHAR(200) NOT NULL, 
	started_at DATETIME NOT NULL, 
	ended_at DATETIME, last_used_at DATETIME, proved_at DATETIME, 
	CONSTRAINT pk_sign_ins PRIMARY KEY (id), 
	CONSTRAINT fk_sign_ins_person_id_people FOREIGN KEY(person_id) REFERENCES people (id), 
	CONSTRAINT uq_sign_ins_handle UNIQUE (handle)
);
INSERT INTO "sign_ins" VALUES(1,1,'made-up handle','made-up browser','2025-06-01 11:22:33.444555','2025-06-01 11:22:33.444555','2025-06-01 11:22:33.444555','2025-06-01 11:22:33.444555');
CREATE TABLE sign_up_drafts (
	id INTEGER NOT NULL, 
	email VARCHAR(254) NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	birth_date DATE, 
	phone VARCHAR(20), 
	password_hash VARCHAR(255) NOT NULL, 
	locale VARCHAR(2) NOT NULL, 
	browser VARCHAR(200) NOT NULL, 
	token_hash VARCHAR(64) NOT NULL, 
	client VARCHAR(64) NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_sign_up_drafts PRIMARY KEY (id)
);
INSERT INTO "sign_up_drafts" VALUES(1,'made-up email','made-up name','2025-06-01','made-up phone','made-up password_hash','ma','made-up browser','made-up token_hash','made-up client','2025-06-01 11:22:33.444555');
CREATE TABLE spent_challenges (
	challenge_hash VARCHAR(64) NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_spent_challenges PRIMARY KEY (challenge_hash)
);
INSERT INTO "spent_challenges" VALUES('made-up challenge_hash','2025-06-01 11:22:33.444555');
CREATE TABLE wrong_codes (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_wrong_codes PRIMARY KEY (id), 
	CONSTRAINT fk_wrong_codes_person_id_people FOREIGN KEY(person_id) REFERENCES people (id)
);
INSERT INTO "wrong_codes" VALUES(1,1,'2025-06-01 11:22:33.444555');
CREATE INDEX ix_concerts_starts_at ON concerts (starts_at);
CREATE INDEX ix_auctions_concert_id ON auctions (concert_id);
CREATE INDEX ix_auctions_state ON auctions (state);
CREATE INDEX ix_sign_ins_person_id ON sign_ins (person_id);
CREATE INDEX ix_bids_person_id ON bids (person_id);
CREATE INDEX ix_quarantined_auction_id ON quarantined (auction_id);
CREATE INDEX ix_awards_auction_id ON awards (auction_id);
CREATE INDEX ix_awards_due ON awards (state, expires_at);
CREATE INDEX ix_awards_person_id ON awards (person_id);
CREATE INDEX ix_award_events_award_id ON award_events (award_id);
CREATE INDEX ix_sign_up_drafts_email ON sign_up_drafts (email);
CREATE INDEX ix_sign_up_drafts_token_hash ON sign_up_drafts (token_hash);
CREATE INDEX ix_sign_up_drafts_client ON sign_up_drafts (client);
CREATE INDEX ix_sign_up_drafts_created_at ON sign_up_drafts (created_at);
CREATE INDEX ix_account_mails_person_id ON account_mails (person_id);
CREATE INDEX ix_account_mails_unmailed ON account_mails (mailed_at, created_at);
CREATE INDEX ix_account_mails_draft_id ON account_mails (draft_id);
CREATE INDEX ix_account_mails_email ON account_mails (email);
CREATE INDEX ix_outbox_due ON outbox (state, priority, due_at);
CREATE INDEX ix_outbox_address ON outbox (address_key, state);
CREATE INDEX ix_outbox_asker ON outbox (asker_key, state);
CREATE INDEX ix_outbox_ended_at ON outbox (ended_at);
CREATE INDEX ix_notifications_unread ON notifications (person_id, seen_at);
CREATE INDEX ix_notifications_unmailed ON notifications (mailed_at, created_at);
CREATE INDEX ix_person_changes_person_id ON person_changes (person_id);
CREATE INDEX ix_passkeys_person_id ON passkeys (person_id);
CREATE INDEX ix_recovery_codes_person_id ON recovery_codes (person_id);
CREATE INDEX ix_pending_sign_ins_person_id ON pending_sign_ins (person_id);
CREATE INDEX ix_pending_sign_ins_created_at ON pending_sign_ins (created_at);
CREATE INDEX ix_wrong_codes_person_id_at ON wrong_codes (person_id, at);
CREATE INDEX ix_spent_challenges_expires_at ON spent_challenges (expires_at);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('auctions',6);
COMMIT;
