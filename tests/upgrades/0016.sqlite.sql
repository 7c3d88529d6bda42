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
INSERT INTO "alembic_version" VALUES('0016');
CREATE TABLE applied_revisions (
	revision VARCHAR(32) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	recorded_at DATETIME NOT NULL, 
	CONSTRAINT pk_applied_revisions PRIMARY KEY (revision)
);
INSERT INTO "applied_revisions" VALUES('0016','1ef7764e04136cebc3c814df40b62bd6e65a41b7813aa14571902634fb520506','2026-11-27 17:46:22.776299');
INSERT INTO "applied_revisions" VALUES('0015','7a5468256f1bda5fd65a7a100c338fa3738da29c6bb7f1f7ab4fd0842e6d727c','2026-11-27 17:46:22.776301');
INSERT INTO "applied_revisions" VALUES('0014','30ff280d4bc43b63a7922b5d4d47541dd7efd7e83fc0d03c22ca7288277c47fa','2026-11-27 17:46:22.776302');
INSERT INTO "applied_revisions" VALUES('0013','f7a3ebb9a0270e7c6c7248696f923da0ae80cd309d8cf2f060616ebe56269b40','2026-11-27 17:46:22.776302');
INSERT INTO "applied_revisions" VALUES('0012','6733660f14528c0cb64e7b55d344fa285c51c0c3a5cff3ac1f758ea412530075','2026-11-27 17:46:22.776304');
INSERT INTO "applied_revisions" VALUES('0011','05a3eb56236792c1940bf30992e1173498df6ab5821f9335abd1f9873958091a','2026-11-27 17:46:22.776305');
INSERT INTO "applied_revisions" VALUES('0010','b69fdc12f6b8b79ba065ab0f025cfebd4268d84a2bf3576f8cfcea5460d9944e','2026-11-27 17:46:22.776305');
INSERT INTO "applied_revisions" VALUES('0009','90897e924b2cbd996252799a8ce3ce3c3c43d03d334f9d2f403c1e7237fe705f','2026-11-27 17:46:22.776306');
INSERT INTO "applied_revisions" VALUES('0008','e4946cd1cabf4326071b59542b4e1163afa52d4ec14ae28a21b84a823ab56a57','2026-11-27 17:46:22.776307');
INSERT INTO "applied_revisions" VALUES('0007','7563ce41c6482b2ea36a11a28b11b85434e0332fc44bc11c41a673dcc49e50d9','2026-11-27 17:46:22.776307');
INSERT INTO "applied_revisions" VALUES('0006','b96d7a1df84b273bfe4b090dba60e93bf786a9f9c9eaaf5e6ae3adfb69ed48cc','2026-11-27 17:46:22.776307');
INSERT INTO "applied_revisions" VALUES('0005','2894dba05f47d9daaa98d3545d2cd253b3525ce33c4548d5e6a31fc216b8a24d','2026-11-27 17:46:22.776308');
INSERT INTO "applied_revisions" VALUES('0004','a0284fcfbe2e0cdd84e4a2f1980fdacdd9b8b9f7fa8bd519a1c4b3bae2c559b7','2026-11-27 17:46:22.776308');
INSERT INTO "applied_revisions" VALUES('0003','64ad2c8b934bd922023fcedadbd495e4d0757abdee043c15612cd485fe128b06','2026-11-27 17:46:22.776308');
INSERT INTO "applied_revisions" VALUES('0002','8dd3fa06d786fc6c82084e905c06ce5f7f2d9bee694423207e182d4ec474cbfa','2026-11-27 17:46:22.776309');
INSERT INTO "applied_revisions" VALUES('0001','ae4fbbbe2990c755d25a2481e53a1489e49f73849b2ce10f7e51f43b0463b252','2026-11-27 17:46:22.776309');
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
	created_at DATETIME NOT NULL, maximum INTEGER DEFAULT '2147483647' NOT NULL CONSTRAINT ck_auctions_ceiling CHECK (minimum <= maximum), ranked_at DATETIME, telling_since DATETIME, voided_at DATETIME, keys_left_at DATETIME, 
	CONSTRAINT ck_auctions_prices CHECK (minimum >= 0 AND step >= 1), 
	CONSTRAINT ck_auctions_window CHECK (opens_at < closes_at), 
	CONSTRAINT ck_auctions_recorded CHECK (recorded_sequence >= 0), 
	CONSTRAINT ck_auctions_seats CHECK (seats >= 1), 
	CONSTRAINT fk_auctions_concert_id_concerts FOREIGN KEY(concert_id) REFERENCES concerts (id)
);
INSERT INTO "auctions" VALUES(1,2,2,100000,5000,'pay_as_bid','2025-06-01 10:00:00.000000','2025-06-01 12:00:00.000000','2025-06-01 12:00:00.000000',0,1800,24,12,'settled',4,4,'salt of a test','2026-11-27 17:46:22.826160','2026-11-27 17:46:22.808346',2147483647,'2026-11-27 17:46:22.826160','2026-11-27 17:46:22.826160',NULL,NULL);
INSERT INTO "auctions" VALUES(2,3,2,100000,5000,'pay_as_bid','2025-06-01 10:00:00.000000','2025-06-01 12:00:00.000000','2025-06-01 12:00:00.000000',0,1800,24,12,'voided',2,NULL,'salt of a test',NULL,'2026-11-27 17:46:22.879214',2147483647,'2026-11-27 17:46:22.894124',NULL,'2026-11-27 17:46:22.882098',NULL);
INSERT INTO "auctions" VALUES(3,4,2,100000,5000,'pay_as_bid','2025-06-01 10:00:00.000000','2025-06-01 12:00:00.000000','2025-06-01 12:00:00.000000',0,1800,24,12,'closing',2,2,'salt of a test',NULL,'2026-11-27 17:46:22.906759',2147483647,NULL,NULL,NULL,NULL);
INSERT INTO "auctions" VALUES(4,5,2,100000,5000,'pay_as_bid','2025-06-01 10:00:00.000000','2025-06-01 12:00:00.000000','2025-06-01 12:00:00.000000',0,1800,24,12,'open',3,NULL,'salt of a test',NULL,'2026-11-27 17:46:22.910499',2147483647,NULL,NULL,NULL,NULL);
INSERT INTO "auctions" VALUES(5,1,2,100000,5000,'pay_as_bid','2025-06-01 10:00:00.000000','2099-06-01 10:00:00.000000','2099-06-01 10:00:00.000000',0,1800,24,12,'open',3,NULL,'salt of a test',NULL,'2026-11-27 17:46:22.913922',2147483647,NULL,NULL,NULL,NULL);
INSERT INTO "auctions" VALUES(6,1,2,100000,5000,'uniform','2099-06-01 10:00:00.000000','2099-06-01 11:00:00.000000','2099-06-01 11:00:00.000000',0,1800,24,12,'open',0,NULL,'salt of a test',NULL,'2026-11-27 17:46:22.917286',2147483647,NULL,NULL,NULL,NULL);
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
INSERT INTO "award_events" VALUES(1,1,1,1,'offered','2026-11-27 17:46:22.826160');
INSERT INTO "award_events" VALUES(2,1,2,2,'offered','2026-11-27 17:46:22.826160');
INSERT INTO "award_events" VALUES(3,1,3,1,'bought','2026-11-27 17:46:22.862245');
INSERT INTO "award_events" VALUES(4,1,4,2,'declined','2026-11-27 17:46:22.869098');
INSERT INTO "award_events" VALUES(5,1,5,3,'offered','2026-11-27 17:46:22.869098');
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
INSERT INTO "awards" VALUES(1,1,2,1,3,NULL,1,125000,'bought','2026-11-27 17:46:22.826160','2026-11-28 17:46:22.826000','2026-11-27 17:46:22.862245','bob');
INSERT INTO "awards" VALUES(2,1,2,2,2,NULL,2,120000,'declined','2026-11-27 17:46:22.826160','2026-11-28 17:46:22.826000','2026-11-27 17:46:22.869098','앨리스 김');
INSERT INTO "awards" VALUES(3,1,2,2,4,2,3,105000,'offered','2026-11-27 17:46:22.869098','2026-11-28 05:46:22.869000',NULL,'carol');
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
CREATE TABLE checks (
	auction_id INTEGER NOT NULL, 
	through_sequence INTEGER NOT NULL, 
	last_ms BIGINT NOT NULL, 
	people INTEGER NOT NULL, 
	notice_id BIGINT NOT NULL, 
	resolved INTEGER NOT NULL, 
	wanted INTEGER NOT NULL, 
	answered INTEGER NOT NULL, 
	checked_on VARCHAR(100) NOT NULL, 
	checked_at DATETIME, 
	fault VARCHAR(500), 
	whole_begun_at DATETIME, 
	whole_at DATETIME, 
	whole_fault VARCHAR(500), 
	final_at DATETIME, accounted_on VARCHAR(100) DEFAULT '' NOT NULL, 
	CONSTRAINT pk_checks PRIMARY KEY (auction_id), 
	CONSTRAINT fk_checks_auction_id_auctions FOREIGN KEY(auction_id) REFERENCES auctions (id)
);
INSERT INTO "checks" VALUES(1,0,0,0,0,0,0,0,'',NULL,NULL,NULL,NULL,NULL,NULL,'');
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
INSERT INTO "concerts" VALUES(1,'봄밤 🌙','Seoul Quartet','올림픽홀','2099-07-01 10:00:00.000000','2099-06-30 10:00:00.000000','재즈',8,NULL,NULL,'2026-11-27 17:46:22.806664',NULL);
INSERT INTO "concerts" VALUES(2,'한여름 밤의 공연','Seoul Quartet','올림픽홀','2031-05-11 12:00:00.000000','2031-05-10 12:00:00.000000',NULL,NULL,NULL,NULL,'2026-11-27 17:46:22.807142',NULL);
INSERT INTO "concerts" VALUES(3,'취소된 밤','Seoul Quartet','올림픽홀','2031-05-11 12:00:00.000000','2031-05-10 12:00:00.000000',NULL,NULL,NULL,NULL,'2026-11-27 17:46:22.878800',NULL);
INSERT INTO "concerts" VALUES(4,'정산 중','Seoul Quartet','올림픽홀','2031-05-11 12:00:00.000000','2031-05-10 12:00:00.000000',NULL,NULL,NULL,NULL,'2026-11-27 17:46:22.906380',NULL);
INSERT INTO "concerts" VALUES(5,'아직 정산 전','Seoul Quartet','올림픽홀','2031-05-11 12:00:00.000000','2031-05-10 12:00:00.000000',NULL,NULL,NULL,NULL,'2026-11-27 17:46:22.910112',NULL);
CREATE TABLE final_ranks (
	auction_id INTEGER NOT NULL, 
	rank INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	amount BIGINT NOT NULL, 
	sequence INTEGER NOT NULL, 
	alias VARCHAR(6) NOT NULL, 
	line_place INTEGER, 
	waiting BOOLEAN NOT NULL, 
	passed_over VARCHAR(16), 
	told_at DATETIME, 
	CONSTRAINT pk_final_ranks PRIMARY KEY (auction_id, rank), 
	CONSTRAINT fk_final_ranks_auction_id_auctions FOREIGN KEY(auction_id) REFERENCES auctions (id), 
	CONSTRAINT fk_final_ranks_person_id_people FOREIGN KEY(person_id) REFERENCES people (id), 
	CONSTRAINT uq_final_ranks_auction_id_person_id UNIQUE (auction_id, person_id)
);
INSERT INTO "final_ranks" VALUES(1,1,3,125000,4,'NZ2ZSP',NULL,0,NULL,'2026-11-27 17:46:22.826160');
INSERT INTO "final_ranks" VALUES(1,2,2,120000,1,'JKRAAR',NULL,0,NULL,'2026-11-27 17:46:22.826160');
INSERT INTO "final_ranks" VALUES(1,3,4,105000,3,'38D78B',1,0,NULL,NULL);
INSERT INTO "final_ranks" VALUES(2,1,5,105000,2,'SKZ9BG',NULL,0,NULL,'2026-11-27 17:46:22.895484');
INSERT INTO "final_ranks" VALUES(2,2,2,100000,1,'52JNF2',NULL,0,NULL,'2026-11-27 17:46:22.895484');
CREATE TABLE given_up_bids (
	id INTEGER NOT NULL, 
	auction_id INTEGER NOT NULL, 
	sequence INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	nth INTEGER NOT NULL, 
	amount BIGINT NOT NULL, 
	at_ms BIGINT NOT NULL, 
	request_id VARCHAR(64) NOT NULL, 
	reason VARCHAR(500) NOT NULL, 
	given_up_at DATETIME NOT NULL, 
	CONSTRAINT pk_given_up_bids PRIMARY KEY (id), 
	CONSTRAINT ck_given_up_bids_sequence CHECK (sequence >= 1), 
	CONSTRAINT ck_given_up_bids_amount CHECK (amount >= 0), 
	CONSTRAINT fk_given_up_bids_auction_id_auctions FOREIGN KEY(auction_id) REFERENCES auctions (id), 
	CONSTRAINT fk_given_up_bids_person_id_people FOREIGN KEY(person_id) REFERENCES people (id), 
	CONSTRAINT uq_given_up_bids_auction_id_sequence_person_id_request_id UNIQUE (auction_id, sequence, person_id, request_id)
);
INSERT INTO "given_up_bids" VALUES(1,2,3,2,2,110000,1748776953444,'request-3','lost','2025-06-01 11:22:33.444555');
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
INSERT INTO "notifications" VALUES(1,3,1,'won',1,'{"award_id": 1, "seat": "VIP-1", "price": 125000, "rank": 1, "expires_at": "2026-11-28T17:46:22.826Z"}','2026-11-27 17:46:22.826160',NULL,'2026-11-27 17:46:22.826160');
INSERT INTO "notifications" VALUES(2,2,1,'won',2,'{"award_id": 2, "seat": "VIP-2", "price": 120000, "rank": 2, "expires_at": "2026-11-28T17:46:22.826Z"}','2026-11-27 17:46:22.826160',NULL,'2026-11-27 17:46:22.826160');
INSERT INTO "notifications" VALUES(3,4,1,'offered',3,'{"award_id": 3, "seat": "VIP-2", "price": 105000, "rank": 3, "expires_at": "2026-11-28T05:46:22.869Z"}','2026-11-27 17:46:22.869098',NULL,'2026-11-27 17:46:22.869098');
INSERT INTO "notifications" VALUES(4,5,2,'voided',0,'{}','2026-11-27 17:46:22.895484',NULL,'2026-11-27 17:46:22.895484');
INSERT INTO "notifications" VALUES(5,2,2,'voided',0,'{}','2026-11-27 17:46:22.895484',NULL,'2026-11-27 17:46:22.895484');
INSERT INTO "notifications" VALUES(6,4,4,'rank_out',3,'{"amount": 105000, "cutoff": 105000}','2025-06-01 10:00:00.003000',NULL,NULL);
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
INSERT INTO "operator_acts" VALUES(1,'olga','auction void','auction 2','the hall burnt down','{"was": "open", "withdrawn": 0, "refunds": []}','2026-11-27 17:46:22.886128');
CREATE TABLE outages (
	id INTEGER NOT NULL, 
	auction_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	began_at DATETIME NOT NULL, 
	ended_at DATETIME NOT NULL, 
	ends_before DATETIME NOT NULL, 
	ends_after DATETIME NOT NULL, 
	reason VARCHAR(40) NOT NULL, 
	CONSTRAINT pk_outages PRIMARY KEY (id), 
	CONSTRAINT ck_outages_number CHECK (number >= 1), 
	CONSTRAINT ck_outages_time CHECK (began_at <= ended_at), 
	CONSTRAINT ck_outages_end CHECK (ends_before <= ends_after), 
	CONSTRAINT fk_outages_auction_id_auctions FOREIGN KEY(auction_id) REFERENCES auctions (id), 
	CONSTRAINT uq_outages_auction_id_number UNIQUE (auction_id, number)
);
INSERT INTO "outages" VALUES(1,2,1,'2025-06-01 11:22:33.444555','2025-06-01 11:27:33.444555','2025-06-01 11:55:00.000000','2025-06-01 12:00:00.000000','restarted');
INSERT INTO "outages" VALUES(2,5,1,'2025-06-01 11:22:33.444555','2025-06-01 11:27:33.444555','2099-06-01 09:55:00.000000','2099-06-01 10:00:00.000000','restarted');
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
INSERT INTO "outbox" VALUES(1,'mail','notice',1,'won',NULL,NULL,NULL,NULL,1,'waiting','2026-11-27 17:46:22.826160','2026-11-30 17:46:22.826160',0,NULL,NULL,'','2026-11-27 17:46:22.826160',NULL);
INSERT INTO "outbox" VALUES(2,'mail','notice',2,'won',NULL,NULL,NULL,NULL,1,'waiting','2026-11-27 17:46:22.826160','2026-11-30 17:46:22.826160',0,NULL,NULL,'','2026-11-27 17:46:22.826160',NULL);
INSERT INTO "outbox" VALUES(3,'mail','notice',3,'offered',NULL,NULL,NULL,NULL,1,'waiting','2026-11-27 17:46:22.869098','2026-11-30 17:46:22.869098',0,NULL,NULL,'','2026-11-27 17:46:22.869098',NULL);
INSERT INTO "outbox" VALUES(4,'mail','notice',4,'voided',NULL,NULL,NULL,NULL,4,'waiting','2026-11-27 17:46:22.895484','2026-11-30 17:46:22.895484',0,NULL,NULL,'','2026-11-27 17:46:22.895484',NULL);
INSERT INTO "outbox" VALUES(5,'mail','notice',5,'voided',NULL,NULL,NULL,NULL,4,'waiting','2026-11-27 17:46:22.895484','2026-11-30 17:46:22.895484',0,NULL,NULL,'','2026-11-27 17:46:22.895484',NULL);
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
	created_at DATETIME NOT NULL, bids_held_at DATETIME, revised_at DATETIME, untold_since DATETIME, 
	CONSTRAINT pk_people PRIMARY KEY (id), 
	CONSTRAINT uq_people_email UNIQUE (email), 
	CONSTRAINT uq_people_phone UNIQUE (phone)
);
INSERT INTO "people" VALUES(1,'olga@example.com','olga',NULL,NULL,'$argon2id$v=19$m=19456,t=2,p=1$vHA7WsyTswfaSvdRwRIOKQ$uFfmKc9blVK0PjTNR6Y1OQLFPxc7tuK4z/ue4ePQ4vU','ko',1,'2025-06-01 11:22:33.444555',NULL,NULL,1,1,'2026-11-27 17:46:22.803072',NULL,NULL,NULL);
INSERT INTO "people" VALUES(2,'alice@example.com','앨리스 김','1999-02-03','+821012345678','$argon2id$v=19$m=19456,t=2,p=1$vHA7WsyTswfaSvdRwRIOKQ$uFfmKc9blVK0PjTNR6Y1OQLFPxc7tuK4z/ue4ePQ4vU','en',0,'2025-06-01 11:22:33.444555',NULL,NULL,1,1,'2026-11-27 17:46:22.804221',NULL,NULL,NULL);
INSERT INTO "people" VALUES(3,'bob@example.com','bob',NULL,NULL,'$argon2id$v=19$m=19456,t=2,p=1$vHA7WsyTswfaSvdRwRIOKQ$uFfmKc9blVK0PjTNR6Y1OQLFPxc7tuK4z/ue4ePQ4vU','ko',0,'2025-06-01 11:22:33.444555',NULL,NULL,1,1,'2026-11-27 17:46:22.804904',NULL,NULL,NULL);
INSERT INTO "people" VALUES(4,'carol@example.com','carol',NULL,NULL,'$argon2id$v=19$m=19456,t=2,p=1$vHA7WsyTswfaSvdRwRIOKQ$uFfmKc9blVK0PjTNR6Y1OQLFPxc7tuK4z/ue4ePQ4vU','ko',0,'2025-06-01 11:22:33.444555',NULL,NULL,1,1,'2026-11-27 17:46:22.805369',NULL,NULL,NULL);
INSERT INTO "people" VALUES(5,'mallory@example.com','mallory',NULL,NULL,'$argon2id$v=19$m=19456,t=2,p=1$vHA7WsyTswfaSvdRwRIOKQ$uFfmKc9blVK0PjTNR6Y1OQLFPxc7tuK4z/ue4ePQ4vU','ko',0,'2025-06-01 11:22:33.444555','2025-06-01 11:22:33.444555',NULL,1,1,'2026-11-27 17:46:22.805733',NULL,NULL,NULL);
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
CREATE INDEX ix_person_changes_person_id ON person_changes (person_id);
CREATE INDEX ix_passkeys_person_id ON passkeys (person_id);
CREATE INDEX ix_recovery_codes_person_id ON recovery_codes (person_id);
CREATE INDEX ix_pending_sign_ins_person_id ON pending_sign_ins (person_id);
CREATE INDEX ix_pending_sign_ins_created_at ON pending_sign_ins (created_at);
CREATE INDEX ix_wrong_codes_person_id_at ON wrong_codes (person_id, at);
CREATE INDEX ix_spent_challenges_expires_at ON spent_challenges (expires_at);
CREATE INDEX ix_final_ranks_person_id ON final_ranks (person_id);
CREATE INDEX ix_final_ranks_line ON final_ranks (auction_id, waiting, line_place);
CREATE INDEX ix_final_ranks_alias ON final_ranks (auction_id, alias);
CREATE INDEX ix_final_ranks_untold ON final_ranks (auction_id, told_at, rank);
CREATE INDEX ix_auctions_telling_since ON auctions (telling_since);
CREATE INDEX ix_checks_final_at ON checks (final_at);
CREATE INDEX ix_auctions_keys_left_at ON auctions (keys_left_at);
CREATE INDEX ix_notifications_unmailed_kind ON notifications (mailed_at, kind, created_at);
CREATE INDEX ix_given_up_bids_person_id ON given_up_bids (person_id);
CREATE INDEX ix_people_revised_at ON people (revised_at);
CREATE INDEX ix_people_untold_since ON people (untold_since);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('auctions',6);
COMMIT;
