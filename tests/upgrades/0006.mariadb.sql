/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
/*!40101 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `account_mails` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `person_id` bigint(20) DEFAULT NULL,
  `purpose` varchar(20) NOT NULL,
  `email` varchar(254) NOT NULL,
  `locale` varchar(2) NOT NULL,
  `nonce` varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `created_at` datetime(6) NOT NULL,
  `mailed_at` datetime(6) DEFAULT NULL,
  `used_at` datetime(6) DEFAULT NULL,
  `draft_id` bigint(20) DEFAULT NULL,
  `facts` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`facts`)),
  PRIMARY KEY (`id`),
  KEY `ix_account_mails_person_id` (`person_id`),
  KEY `ix_account_mails_unmailed` (`mailed_at`,`created_at`),
  KEY `ix_account_mails_draft_id` (`draft_id`),
  KEY `ix_account_mails_email` (`email`),
  CONSTRAINT `fk_account_mails_draft_id_sign_up_drafts` FOREIGN KEY (`draft_id`) REFERENCES `sign_up_drafts` (`id`) ON DELETE SET NULL,
  CONSTRAINT `fk_account_mails_person_id_people` FOREIGN KEY (`person_id`) REFERENCES `people` (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `account_mails` DISABLE KEYS */;
INSERT INTO `account_mails` (`id`, `person_id`, `purpose`, `email`, `locale`, `nonce`, `created_at`, `mailed_at`, `used_at`, `draft_id`, `facts`) VALUES (1,1,'made-up purpose','made-up email','ma','made-up nonce','2025-06-01 11:22:33.444555','2025-06-01 11:22:33.444555','2025-06-01 11:22:33.444555',1,'\"made-up facts\"');
/*!40000 ALTER TABLE `account_mails` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `alembic_version` (
  `version_num` varchar(32) NOT NULL,
  PRIMARY KEY (`version_num`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `alembic_version` DISABLE KEYS */;
INSERT INTO `alembic_version` (`version_num`) VALUES ('0006');
/*!40000 ALTER TABLE `alembic_version` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `auctions` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `concert_id` bigint(20) NOT NULL,
  `seats` int(11) NOT NULL,
  `minimum` int(11) NOT NULL,
  `step` int(11) NOT NULL,
  `pricing` varchar(16) NOT NULL,
  `opens_at` datetime(6) NOT NULL,
  `closes_at` datetime(6) NOT NULL,
  `ends_at` datetime(6) NOT NULL,
  `soft_close_seconds` int(11) NOT NULL,
  `soft_close_cap_seconds` int(11) NOT NULL,
  `purchase_hours` int(11) NOT NULL,
  `offer_hours` int(11) NOT NULL,
  `state` varchar(16) NOT NULL,
  `recorded_sequence` int(11) NOT NULL,
  `final_sequence` int(11) DEFAULT NULL,
  `alias_salt` varchar(32) NOT NULL,
  `settled_at` datetime(6) DEFAULT NULL,
  `created_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  KEY `ix_auctions_concert_id` (`concert_id`),
  KEY `ix_auctions_state` (`state`),
  CONSTRAINT `fk_auctions_concert_id_concerts` FOREIGN KEY (`concert_id`) REFERENCES `concerts` (`id`),
  CONSTRAINT `ck_auctions_prices` CHECK (`minimum` >= 0 and `step` >= 1),
  CONSTRAINT `ck_auctions_window` CHECK (`opens_at` < `closes_at`),
  CONSTRAINT `ck_auctions_recorded` CHECK (`recorded_sequence` >= 0),
  CONSTRAINT `ck_auctions_seats` CHECK (`seats` >= 1)
) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `auctions` DISABLE KEYS */;
INSERT INTO `auctions` (`id`, `concert_id`, `seats`, `minimum`, `step`, `pricing`, `opens_at`, `closes_at`, `ends_at`, `soft_close_seconds`, `soft_close_cap_seconds`, `purchase_hours`, `offer_hours`, `state`, `recorded_sequence`, `final_sequence`, `alias_salt`, `settled_at`, `created_at`) VALUES (1,2,2,100000,5000,'pay_as_bid','2025-06-01 10:00:00.000000','2025-06-01 12:00:00.000000','2025-06-01 12:00:00.000000',0,1800,24,12,'settled',4,4,'salt of a test','2026-11-27 11:22:48.931000','2026-11-27 11:22:48.894879');
INSERT INTO `auctions` (`id`, `concert_id`, `seats`, `minimum`, `step`, `pricing`, `opens_at`, `closes_at`, `ends_at`, `soft_close_seconds`, `soft_close_cap_seconds`, `purchase_hours`, `offer_hours`, `state`, `recorded_sequence`, `final_sequence`, `alias_salt`, `settled_at`, `created_at`) VALUES (2,3,2,100000,5000,'pay_as_bid','2025-06-01 10:00:00.000000','2025-06-01 12:00:00.000000','2025-06-01 12:00:00.000000',0,1800,24,12,'voided',2,NULL,'salt of a test',NULL,'2026-11-27 11:22:49.338912');
INSERT INTO `auctions` (`id`, `concert_id`, `seats`, `minimum`, `step`, `pricing`, `opens_at`, `closes_at`, `ends_at`, `soft_close_seconds`, `soft_close_cap_seconds`, `purchase_hours`, `offer_hours`, `state`, `recorded_sequence`, `final_sequence`, `alias_salt`, `settled_at`, `created_at`) VALUES (3,4,2,100000,5000,'pay_as_bid','2025-06-01 10:00:00.000000','2025-06-01 12:00:00.000000','2025-06-01 12:00:00.000000',0,1800,24,12,'closing',2,2,'salt of a test',NULL,'2026-11-27 11:22:49.491314');
INSERT INTO `auctions` (`id`, `concert_id`, `seats`, `minimum`, `step`, `pricing`, `opens_at`, `closes_at`, `ends_at`, `soft_close_seconds`, `soft_close_cap_seconds`, `purchase_hours`, `offer_hours`, `state`, `recorded_sequence`, `final_sequence`, `alias_salt`, `settled_at`, `created_at`) VALUES (4,5,2,100000,5000,'pay_as_bid','2025-06-01 10:00:00.000000','2025-06-01 12:00:00.000000','2025-06-01 12:00:00.000000',0,1800,24,12,'open',3,NULL,'salt of a test',NULL,'2026-11-27 11:22:49.514143');
INSERT INTO `auctions` (`id`, `concert_id`, `seats`, `minimum`, `step`, `pricing`, `opens_at`, `closes_at`, `ends_at`, `soft_close_seconds`, `soft_close_cap_seconds`, `purchase_hours`, `offer_hours`, `state`, `recorded_sequence`, `final_sequence`, `alias_salt`, `settled_at`, `created_at`) VALUES (5,1,2,100000,5000,'pay_as_bid','2025-06-01 10:00:00.000000','2099-06-01 10:00:00.000000','2099-06-01 10:00:00.000000',0,1800,24,12,'open',3,NULL,'salt of a test',NULL,'2026-11-27 11:22:49.519221');
INSERT INTO `auctions` (`id`, `concert_id`, `seats`, `minimum`, `step`, `pricing`, `opens_at`, `closes_at`, `ends_at`, `soft_close_seconds`, `soft_close_cap_seconds`, `purchase_hours`, `offer_hours`, `state`, `recorded_sequence`, `final_sequence`, `alias_salt`, `settled_at`, `created_at`) VALUES (6,1,2,100000,5000,'uniform','2099-06-01 10:00:00.000000','2099-06-01 11:00:00.000000','2099-06-01 11:00:00.000000',0,1800,24,12,'open',0,NULL,'salt of a test',NULL,'2026-11-27 11:22:49.523318');
/*!40000 ALTER TABLE `auctions` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `authenticator_apps` (
  `person_id` bigint(20) NOT NULL,
  `sealed_secret` varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `last_step` bigint(20) NOT NULL,
  `created_at` datetime(6) NOT NULL,
  PRIMARY KEY (`person_id`),
  CONSTRAINT `fk_authenticator_apps_person_id_people` FOREIGN KEY (`person_id`) REFERENCES `people` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `authenticator_apps` DISABLE KEYS */;
INSERT INTO `authenticator_apps` (`person_id`, `sealed_secret`, `last_step`, `created_at`) VALUES (1,'made-up sealed_secret',1,'2025-06-01 11:22:33.444555');
/*!40000 ALTER TABLE `authenticator_apps` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `award_events` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `auction_id` bigint(20) NOT NULL,
  `number` int(11) NOT NULL,
  `award_id` bigint(20) NOT NULL,
  `state` varchar(16) NOT NULL,
  `at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq_award_events_auction_id_number` (`auction_id`,`number`),
  KEY `ix_award_events_award_id` (`award_id`),
  CONSTRAINT `fk_award_events_auction_id_auctions` FOREIGN KEY (`auction_id`) REFERENCES `auctions` (`id`),
  CONSTRAINT `fk_award_events_award_id_awards` FOREIGN KEY (`award_id`) REFERENCES `awards` (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=6 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `award_events` DISABLE KEYS */;
INSERT INTO `award_events` (`id`, `auction_id`, `number`, `award_id`, `state`, `at`) VALUES (1,1,1,1,'offered','2026-11-27 11:22:48.931000');
INSERT INTO `award_events` (`id`, `auction_id`, `number`, `award_id`, `state`, `at`) VALUES (2,1,2,2,'offered','2026-11-27 11:22:48.931000');
INSERT INTO `award_events` (`id`, `auction_id`, `number`, `award_id`, `state`, `at`) VALUES (3,1,3,1,'bought','2026-11-27 11:22:49.144699');
INSERT INTO `award_events` (`id`, `auction_id`, `number`, `award_id`, `state`, `at`) VALUES (4,1,4,2,'declined','2026-11-27 11:22:49.211065');
INSERT INTO `award_events` (`id`, `auction_id`, `number`, `award_id`, `state`, `at`) VALUES (5,1,5,3,'offered','2026-11-27 11:22:49.211065');
/*!40000 ALTER TABLE `award_events` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `awards` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `auction_id` bigint(20) NOT NULL,
  `concert_id` bigint(20) NOT NULL,
  `seat_id` bigint(20) NOT NULL,
  `person_id` bigint(20) NOT NULL,
  `previous_id` bigint(20) DEFAULT NULL,
  `rank` int(11) NOT NULL,
  `price` bigint(20) NOT NULL,
  `state` varchar(16) NOT NULL,
  `live` int(11) GENERATED ALWAYS AS (case when `state` in ('offered','bought') then 1 else NULL end) STORED,
  `offered_at` datetime(6) NOT NULL,
  `expires_at` datetime(6) NOT NULL,
  `decided_at` datetime(6) DEFAULT NULL,
  `person_name` varchar(80) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq_awards_auction_id_person_id` (`auction_id`,`person_id`),
  UNIQUE KEY `uq_awards_concert_id_person_id_live` (`concert_id`,`person_id`,`live`),
  UNIQUE KEY `uq_awards_seat_id_live` (`seat_id`,`live`),
  KEY `fk_awards_previous_id_awards` (`previous_id`),
  KEY `ix_awards_auction_id` (`auction_id`),
  KEY `ix_awards_due` (`state`,`expires_at`),
  KEY `ix_awards_person_id` (`person_id`),
  CONSTRAINT `fk_awards_auction_id_auctions` FOREIGN KEY (`auction_id`) REFERENCES `auctions` (`id`),
  CONSTRAINT `fk_awards_concert_id_concerts` FOREIGN KEY (`concert_id`) REFERENCES `concerts` (`id`),
  CONSTRAINT `fk_awards_person_id_people` FOREIGN KEY (`person_id`) REFERENCES `people` (`id`),
  CONSTRAINT `fk_awards_previous_id_awards` FOREIGN KEY (`previous_id`) REFERENCES `awards` (`id`),
  CONSTRAINT `fk_awards_seat_id_seats` FOREIGN KEY (`seat_id`) REFERENCES `seats` (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=4 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `awards` DISABLE KEYS */;
INSERT INTO `awards` (`id`, `auction_id`, `concert_id`, `seat_id`, `person_id`, `previous_id`, `rank`, `price`, `state`, `live`, `offered_at`, `expires_at`, `decided_at`, `person_name`) VALUES (1,1,2,1,3,NULL,1,125000,'bought',1,'2026-11-27 11:22:48.931000','2026-11-28 11:22:48.931000','2026-11-27 11:22:49.144699','bob');
INSERT INTO `awards` (`id`, `auction_id`, `concert_id`, `seat_id`, `person_id`, `previous_id`, `rank`, `price`, `state`, `live`, `offered_at`, `expires_at`, `decided_at`, `person_name`) VALUES (2,1,2,2,2,NULL,2,120000,'declined',NULL,'2026-11-27 11:22:48.931000','2026-11-28 11:22:48.931000','2026-11-27 11:22:49.211065','앨리스 김');
INSERT INTO `awards` (`id`, `auction_id`, `concert_id`, `seat_id`, `person_id`, `previous_id`, `rank`, `price`, `state`, `live`, `offered_at`, `expires_at`, `decided_at`, `person_name`) VALUES (3,1,2,2,4,2,3,105000,'offered',1,'2026-11-27 11:22:49.211065','2026-11-27 23:22:49.211000',NULL,'carol');
/*!40000 ALTER TABLE `awards` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `bids` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `auction_id` bigint(20) NOT NULL,
  `sequence` int(11) NOT NULL,
  `person_id` bigint(20) NOT NULL,
  `nth` int(11) NOT NULL,
  `amount` bigint(20) NOT NULL,
  `at_ms` bigint(20) NOT NULL,
  `ends_at_ms` bigint(20) NOT NULL,
  `request_id` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `rank` int(11) NOT NULL,
  `cutoff` bigint(20) NOT NULL,
  `displaced_id` bigint(20) DEFAULT NULL,
  `alert` tinyint(1) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq_bids_auction_id_person_id_nth` (`auction_id`,`person_id`,`nth`),
  UNIQUE KEY `uq_bids_auction_id_person_id_request_id` (`auction_id`,`person_id`,`request_id`),
  UNIQUE KEY `uq_bids_auction_id_sequence` (`auction_id`,`sequence`),
  KEY `fk_bids_displaced_id_people` (`displaced_id`),
  KEY `ix_bids_person_id` (`person_id`),
  CONSTRAINT `fk_bids_auction_id_auctions` FOREIGN KEY (`auction_id`) REFERENCES `auctions` (`id`),
  CONSTRAINT `fk_bids_displaced_id_people` FOREIGN KEY (`displaced_id`) REFERENCES `people` (`id`),
  CONSTRAINT `fk_bids_person_id_people` FOREIGN KEY (`person_id`) REFERENCES `people` (`id`),
  CONSTRAINT `ck_bids_amount` CHECK (`amount` >= 0),
  CONSTRAINT `ck_bids_chances` CHECK (`nth` between 1 and 3)
) ENGINE=InnoDB AUTO_INCREMENT=15 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `bids` DISABLE KEYS */;
INSERT INTO `bids` (`id`, `auction_id`, `sequence`, `person_id`, `nth`, `amount`, `at_ms`, `ends_at_ms`, `request_id`, `rank`, `cutoff`, `displaced_id`, `alert`) VALUES (1,1,1,2,1,120000,1748772000001,1748779200000,'request-1',1,100000,NULL,0);
INSERT INTO `bids` (`id`, `auction_id`, `sequence`, `person_id`, `nth`, `amount`, `at_ms`, `ends_at_ms`, `request_id`, `rank`, `cutoff`, `displaced_id`, `alert`) VALUES (2,1,2,3,1,110000,1748772000002,1748779200000,'request-2',2,110000,NULL,0);
INSERT INTO `bids` (`id`, `auction_id`, `sequence`, `person_id`, `nth`, `amount`, `at_ms`, `ends_at_ms`, `request_id`, `rank`, `cutoff`, `displaced_id`, `alert`) VALUES (3,1,3,4,1,105000,1748772000003,1748779200000,'request-3',3,110000,NULL,0);
INSERT INTO `bids` (`id`, `auction_id`, `sequence`, `person_id`, `nth`, `amount`, `at_ms`, `ends_at_ms`, `request_id`, `rank`, `cutoff`, `displaced_id`, `alert`) VALUES (4,1,4,3,2,125000,1748772000004,1748779200000,'request-4',1,120000,NULL,0);
INSERT INTO `bids` (`id`, `auction_id`, `sequence`, `person_id`, `nth`, `amount`, `at_ms`, `ends_at_ms`, `request_id`, `rank`, `cutoff`, `displaced_id`, `alert`) VALUES (5,2,1,2,1,100000,1748772000001,1748779200000,'request-1',1,100000,NULL,0);
INSERT INTO `bids` (`id`, `auction_id`, `sequence`, `person_id`, `nth`, `amount`, `at_ms`, `ends_at_ms`, `request_id`, `rank`, `cutoff`, `displaced_id`, `alert`) VALUES (6,2,2,5,1,105000,1748772000002,1748779200000,'request-2',1,100000,NULL,0);
INSERT INTO `bids` (`id`, `auction_id`, `sequence`, `person_id`, `nth`, `amount`, `at_ms`, `ends_at_ms`, `request_id`, `rank`, `cutoff`, `displaced_id`, `alert`) VALUES (7,3,1,3,1,100000,1748772000001,1748779200000,'request-1',1,100000,NULL,0);
INSERT INTO `bids` (`id`, `auction_id`, `sequence`, `person_id`, `nth`, `amount`, `at_ms`, `ends_at_ms`, `request_id`, `rank`, `cutoff`, `displaced_id`, `alert`) VALUES (8,3,2,2,1,105000,1748772000002,1748779200000,'request-2',1,100000,NULL,0);
INSERT INTO `bids` (`id`, `auction_id`, `sequence`, `person_id`, `nth`, `amount`, `at_ms`, `ends_at_ms`, `request_id`, `rank`, `cutoff`, `displaced_id`, `alert`) VALUES (9,4,1,4,1,100000,1748772000001,1748779200000,'request-1',1,100000,NULL,0);
INSERT INTO `bids` (`id`, `auction_id`, `sequence`, `person_id`, `nth`, `amount`, `at_ms`, `ends_at_ms`, `request_id`, `rank`, `cutoff`, `displaced_id`, `alert`) VALUES (10,4,2,2,1,115000,1748772000002,1748779200000,'request-2',1,100000,NULL,0);
INSERT INTO `bids` (`id`, `auction_id`, `sequence`, `person_id`, `nth`, `amount`, `at_ms`, `ends_at_ms`, `request_id`, `rank`, `cutoff`, `displaced_id`, `alert`) VALUES (11,4,3,3,1,105000,1748772000003,1748779200000,'request-3',2,105000,4,1);
INSERT INTO `bids` (`id`, `auction_id`, `sequence`, `person_id`, `nth`, `amount`, `at_ms`, `ends_at_ms`, `request_id`, `rank`, `cutoff`, `displaced_id`, `alert`) VALUES (12,5,1,4,1,100000,1748772000001,4083991200000,'request-1',1,100000,NULL,0);
INSERT INTO `bids` (`id`, `auction_id`, `sequence`, `person_id`, `nth`, `amount`, `at_ms`, `ends_at_ms`, `request_id`, `rank`, `cutoff`, `displaced_id`, `alert`) VALUES (13,5,2,3,1,110000,1748772000002,4083991200000,'request-2',1,100000,NULL,0);
INSERT INTO `bids` (`id`, `auction_id`, `sequence`, `person_id`, `nth`, `amount`, `at_ms`, `ends_at_ms`, `request_id`, `rank`, `cutoff`, `displaced_id`, `alert`) VALUES (14,5,3,4,2,130000,1748772000003,4083991200000,'request-3',1,110000,NULL,0);
/*!40000 ALTER TABLE `bids` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `concerts` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `title` varchar(200) NOT NULL,
  `artist` varchar(200) NOT NULL,
  `venue` varchar(200) NOT NULL,
  `starts_at` datetime(6) NOT NULL,
  `cancel_until` datetime(6) NOT NULL,
  `genre` varchar(60) DEFAULT NULL,
  `age_limit` int(11) DEFAULT NULL,
  `description` text DEFAULT NULL,
  `poster` varchar(64) DEFAULT NULL,
  `created_at` datetime(6) NOT NULL,
  `alias_salt` varchar(32) DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `ix_concerts_starts_at` (`starts_at`)
) ENGINE=InnoDB AUTO_INCREMENT=6 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `concerts` DISABLE KEYS */;
INSERT INTO `concerts` (`id`, `title`, `artist`, `venue`, `starts_at`, `cancel_until`, `genre`, `age_limit`, `description`, `poster`, `created_at`, `alias_salt`) VALUES (1,'봄밤 🌙','Seoul Quartet','올림픽홀','2099-07-01 10:00:00.000000','2099-06-30 10:00:00.000000','재즈',8,NULL,NULL,'2026-11-27 11:22:48.886344',NULL);
INSERT INTO `concerts` (`id`, `title`, `artist`, `venue`, `starts_at`, `cancel_until`, `genre`, `age_limit`, `description`, `poster`, `created_at`, `alias_salt`) VALUES (2,'한여름 밤의 공연','Seoul Quartet','올림픽홀','2031-05-11 12:00:00.000000','2031-05-10 12:00:00.000000',NULL,NULL,NULL,NULL,'2026-11-27 11:22:48.887301',NULL);
INSERT INTO `concerts` (`id`, `title`, `artist`, `venue`, `starts_at`, `cancel_until`, `genre`, `age_limit`, `description`, `poster`, `created_at`, `alias_salt`) VALUES (3,'취소된 밤','Seoul Quartet','올림픽홀','2031-05-11 12:00:00.000000','2031-05-10 12:00:00.000000',NULL,NULL,NULL,NULL,'2026-11-27 11:22:49.337865',NULL);
INSERT INTO `concerts` (`id`, `title`, `artist`, `venue`, `starts_at`, `cancel_until`, `genre`, `age_limit`, `description`, `poster`, `created_at`, `alias_salt`) VALUES (4,'정산 중','Seoul Quartet','올림픽홀','2031-05-11 12:00:00.000000','2031-05-10 12:00:00.000000',NULL,NULL,NULL,NULL,'2026-11-27 11:22:49.490545',NULL);
INSERT INTO `concerts` (`id`, `title`, `artist`, `venue`, `starts_at`, `cancel_until`, `genre`, `age_limit`, `description`, `poster`, `created_at`, `alias_salt`) VALUES (5,'아직 정산 전','Seoul Quartet','올림픽홀','2031-05-11 12:00:00.000000','2031-05-10 12:00:00.000000',NULL,NULL,NULL,NULL,'2026-11-27 11:22:49.513486',NULL);
/*!40000 ALTER TABLE `concerts` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `known_browsers` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `person_id` bigint(20) NOT NULL,
  `token_hash` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `browser` varchar(200) NOT NULL,
  `first_seen_at` datetime(6) NOT NULL,
  `last_seen_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq_known_browsers_person_id_token_hash` (`person_id`,`token_hash`),
  CONSTRAINT `fk_known_browsers_person_id_people` FOREIGN KEY (`person_id`) REFERENCES `people` (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `known_browsers` DISABLE KEYS */;
INSERT INTO `known_browsers` (`id`, `person_id`, `token_hash`, `browser`, `first_seen_at`, `last_seen_at`) VALUES (1,1,'made-up token_hash','made-up browser','2025-06-01 11:22:33.444555','2025-06-01 11:22:33.444555');
/*!40000 ALTER TABLE `known_browsers` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `notifications` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `person_id` bigint(20) NOT NULL,
  `auction_id` bigint(20) DEFAULT NULL,
  `kind` varchar(20) NOT NULL,
  `occasion` int(11) NOT NULL,
  `facts` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL CHECK (json_valid(`facts`)),
  `created_at` datetime(6) NOT NULL,
  `seen_at` datetime(6) DEFAULT NULL,
  `mailed_at` datetime(6) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq_notifications_person_id_auction_id_kind_occasion` (`person_id`,`auction_id`,`kind`,`occasion`),
  KEY `fk_notifications_auction_id_auctions` (`auction_id`),
  KEY `ix_notifications_unmailed` (`mailed_at`,`created_at`),
  KEY `ix_notifications_unread` (`person_id`,`seen_at`),
  CONSTRAINT `fk_notifications_auction_id_auctions` FOREIGN KEY (`auction_id`) REFERENCES `auctions` (`id`),
  CONSTRAINT `fk_notifications_person_id_people` FOREIGN KEY (`person_id`) REFERENCES `people` (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=8 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `notifications` DISABLE KEYS */;
INSERT INTO `notifications` (`id`, `person_id`, `auction_id`, `kind`, `occasion`, `facts`, `created_at`, `seen_at`, `mailed_at`) VALUES (1,3,1,'won',1,'{\"award_id\": 1, \"seat\": \"VIP-1\", \"price\": 125000, \"rank\": 1, \"expires_at\": \"2026-11-28T11:22:48.931Z\"}','2026-11-27 11:22:48.931000',NULL,'2026-11-27 11:22:48.931000');
INSERT INTO `notifications` (`id`, `person_id`, `auction_id`, `kind`, `occasion`, `facts`, `created_at`, `seen_at`, `mailed_at`) VALUES (2,2,1,'won',2,'{\"award_id\": 2, \"seat\": \"VIP-2\", \"price\": 120000, \"rank\": 2, \"expires_at\": \"2026-11-28T11:22:48.931Z\"}','2026-11-27 11:22:48.931000',NULL,'2026-11-27 11:22:48.931000');
INSERT INTO `notifications` (`id`, `person_id`, `auction_id`, `kind`, `occasion`, `facts`, `created_at`, `seen_at`, `mailed_at`) VALUES (3,4,1,'not_won',0,'{\"rank\": 3, \"amount\": 105000, \"position\": 1}','2026-11-27 11:22:48.931000',NULL,'2026-11-27 11:22:48.931000');
INSERT INTO `notifications` (`id`, `person_id`, `auction_id`, `kind`, `occasion`, `facts`, `created_at`, `seen_at`, `mailed_at`) VALUES (4,4,1,'offered',3,'{\"award_id\": 3, \"seat\": \"VIP-2\", \"price\": 105000, \"rank\": 3, \"expires_at\": \"2026-11-27T23:22:49.211Z\"}','2026-11-27 11:22:49.211065',NULL,'2026-11-27 11:22:49.211065');
INSERT INTO `notifications` (`id`, `person_id`, `auction_id`, `kind`, `occasion`, `facts`, `created_at`, `seen_at`, `mailed_at`) VALUES (5,2,2,'voided',0,'{}','2026-11-27 11:22:49.390872',NULL,'2026-11-27 11:22:49.390872');
INSERT INTO `notifications` (`id`, `person_id`, `auction_id`, `kind`, `occasion`, `facts`, `created_at`, `seen_at`, `mailed_at`) VALUES (6,5,2,'voided',0,'{}','2026-11-27 11:22:49.390872',NULL,'2026-11-27 11:22:49.390872');
INSERT INTO `notifications` (`id`, `person_id`, `auction_id`, `kind`, `occasion`, `facts`, `created_at`, `seen_at`, `mailed_at`) VALUES (7,4,4,'rank_out',3,'{\"amount\": 105000, \"cutoff\": 105000}','2025-06-01 10:00:00.003000',NULL,NULL);
/*!40000 ALTER TABLE `notifications` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `operator_acts` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `operator` varchar(80) NOT NULL,
  `act` varchar(40) NOT NULL,
  `subject` varchar(80) NOT NULL,
  `why` varchar(500) NOT NULL,
  `facts` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL CHECK (json_valid(`facts`)),
  `at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `operator_acts` DISABLE KEYS */;
INSERT INTO `operator_acts` (`id`, `operator`, `act`, `subject`, `why`, `facts`, `at`) VALUES (1,'olga','auction void','auction 2','the hall burnt down','{\"was\": \"open\", \"withdrawn\": 0, \"refunds\": []}','2026-11-27 11:22:49.414476');
/*!40000 ALTER TABLE `operator_acts` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `outbox` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `channel` varchar(16) NOT NULL,
  `source` varchar(16) NOT NULL,
  `reference` bigint(20) NOT NULL,
  `kind` varchar(24) NOT NULL,
  `address` varchar(254) DEFAULT NULL,
  `address_key` varchar(32) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL,
  `asker_key` varchar(32) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL,
  `locale` varchar(2) DEFAULT NULL,
  `priority` smallint(6) NOT NULL,
  `state` varchar(16) NOT NULL,
  `due_at` datetime(6) NOT NULL,
  `expires_at` datetime(6) NOT NULL,
  `tries` int(11) NOT NULL,
  `leased_until` datetime(6) DEFAULT NULL,
  `lease_owner` varchar(32) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL,
  `last_error` varchar(80) NOT NULL,
  `created_at` datetime(6) NOT NULL,
  `ended_at` datetime(6) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq_outbox_channel_source_reference` (`channel`,`source`,`reference`),
  KEY `ix_outbox_due` (`state`,`priority`,`due_at`),
  KEY `ix_outbox_address` (`address_key`,`state`),
  KEY `ix_outbox_asker` (`asker_key`,`state`),
  KEY `ix_outbox_ended_at` (`ended_at`)
) ENGINE=InnoDB AUTO_INCREMENT=9 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `outbox` DISABLE KEYS */;
INSERT INTO `outbox` (`id`, `channel`, `source`, `reference`, `kind`, `address`, `address_key`, `asker_key`, `locale`, `priority`, `state`, `due_at`, `expires_at`, `tries`, `leased_until`, `lease_owner`, `last_error`, `created_at`, `ended_at`) VALUES (1,'mail','notice',1,'won',NULL,NULL,NULL,NULL,1,'waiting','2026-11-27 11:22:48.931000','2026-11-30 11:22:48.931000',0,NULL,NULL,'','2026-11-27 11:22:48.931000',NULL);
INSERT INTO `outbox` (`id`, `channel`, `source`, `reference`, `kind`, `address`, `address_key`, `asker_key`, `locale`, `priority`, `state`, `due_at`, `expires_at`, `tries`, `leased_until`, `lease_owner`, `last_error`, `created_at`, `ended_at`) VALUES (2,'mail','notice',2,'won',NULL,NULL,NULL,NULL,1,'waiting','2026-11-27 11:22:48.931000','2026-11-30 11:22:48.931000',0,NULL,NULL,'','2026-11-27 11:22:48.931000',NULL);
INSERT INTO `outbox` (`id`, `channel`, `source`, `reference`, `kind`, `address`, `address_key`, `asker_key`, `locale`, `priority`, `state`, `due_at`, `expires_at`, `tries`, `leased_until`, `lease_owner`, `last_error`, `created_at`, `ended_at`) VALUES (4,'mail','notice',3,'not_won',NULL,NULL,NULL,NULL,4,'waiting','2026-11-27 11:22:48.931000','2026-11-30 11:22:48.931000',0,NULL,NULL,'','2026-11-27 11:22:48.931000',NULL);
INSERT INTO `outbox` (`id`, `channel`, `source`, `reference`, `kind`, `address`, `address_key`, `asker_key`, `locale`, `priority`, `state`, `due_at`, `expires_at`, `tries`, `leased_until`, `lease_owner`, `last_error`, `created_at`, `ended_at`) VALUES (5,'mail','notice',4,'offered',NULL,NULL,NULL,NULL,1,'waiting','2026-11-27 11:22:49.211065','2026-11-30 11:22:49.211065',0,NULL,NULL,'','2026-11-27 11:22:49.211065',NULL);
INSERT INTO `outbox` (`id`, `channel`, `source`, `reference`, `kind`, `address`, `address_key`, `asker_key`, `locale`, `priority`, `state`, `due_at`, `expires_at`, `tries`, `leased_until`, `lease_owner`, `last_error`, `created_at`, `ended_at`) VALUES (6,'mail','notice',5,'voided',NULL,NULL,NULL,NULL,4,'waiting','2026-11-27 11:22:49.390872','2026-11-30 11:22:49.390872',0,NULL,NULL,'','2026-11-27 11:22:49.390872',NULL);
INSERT INTO `outbox` (`id`, `channel`, `source`, `reference`, `kind`, `address`, `address_key`, `asker_key`, `locale`, `priority`, `state`, `due_at`, `expires_at`, `tries`, `leased_until`, `lease_owner`, `last_error`, `created_at`, `ended_at`) VALUES (7,'mail','notice',6,'voided',NULL,NULL,NULL,NULL,4,'waiting','2026-11-27 11:22:49.390872','2026-11-30 11:22:49.390872',0,NULL,NULL,'','2026-11-27 11:22:49.390872',NULL);
/*!40000 ALTER TABLE `outbox` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `passkeys` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `person_id` bigint(20) NOT NULL,
  `credential_id` varchar(1400) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `public_key` varchar(1400) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `user_handle` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `name` varchar(60) NOT NULL,
  `sign_count` bigint(20) NOT NULL,
  `works_alone` tinyint(1) NOT NULL,
  `created_at` datetime(6) NOT NULL,
  `last_used_at` datetime(6) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq_passkeys_credential_id` (`credential_id`),
  KEY `ix_passkeys_person_id` (`person_id`),
  CONSTRAINT `fk_passkeys_person_id_people` FOREIGN KEY (`person_id`) REFERENCES `people` (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `passkeys` DISABLE KEYS */;
INSERT INTO `passkeys` (`id`, `person_id`, `credential_id`, `public_key`, `user_handle`, `name`, `sign_count`, `works_alone`, `created_at`, `last_used_at`) VALUES (1,1,'made-up credential_id','made-up public_key','made-up user_handle','made-up name',1,1,'2025-06-01 11:22:33.444555','2025-06-01 11:22:33.444555');
/*!40000 ALTER TABLE `passkeys` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `pending_sign_ins` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `person_id` bigint(20) NOT NULL,
  `token_hash` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `session_epoch` int(11) NOT NULL,
  `failures` int(11) NOT NULL,
  `created_at` datetime(6) NOT NULL,
  `ended_at` datetime(6) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq_pending_sign_ins_token_hash` (`token_hash`),
  KEY `ix_pending_sign_ins_person_id` (`person_id`),
  KEY `ix_pending_sign_ins_created_at` (`created_at`),
  CONSTRAINT `fk_pending_sign_ins_person_id_people` FOREIGN KEY (`person_id`) REFERENCES `people` (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `pending_sign_ins` DISABLE KEYS */;
INSERT INTO `pending_sign_ins` (`id`, `person_id`, `token_hash`, `session_epoch`, `failures`, `created_at`, `ended_at`) VALUES (1,1,'made-up token_hash',1,1,'2025-06-01 11:22:33.444555','2025-06-01 11:22:33.444555');
/*!40000 ALTER TABLE `pending_sign_ins` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `people` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `email` varchar(254) NOT NULL,
  `name` varchar(80) NOT NULL,
  `birth_date` date DEFAULT NULL,
  `phone` varchar(20) DEFAULT NULL,
  `password_hash` varchar(255) NOT NULL,
  `locale` varchar(2) NOT NULL,
  `is_staff` tinyint(1) NOT NULL,
  `verified_at` datetime(6) DEFAULT NULL,
  `blocked_at` datetime(6) DEFAULT NULL,
  `closed_at` datetime(6) DEFAULT NULL,
  `session_epoch` int(11) NOT NULL,
  `revision` int(11) NOT NULL,
  `created_at` datetime(6) NOT NULL,
  `bids_held_at` datetime(6) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq_people_email` (`email`),
  UNIQUE KEY `uq_people_phone` (`phone`)
) ENGINE=InnoDB AUTO_INCREMENT=6 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `people` DISABLE KEYS */;
INSERT INTO `people` (`id`, `email`, `name`, `birth_date`, `phone`, `password_hash`, `locale`, `is_staff`, `verified_at`, `blocked_at`, `closed_at`, `session_epoch`, `revision`, `created_at`, `bids_held_at`) VALUES (1,'olga@example.com','olga',NULL,NULL,'$argon2id$v=19$m=19456,t=2,p=1$LUDxt4dtSDbht+VtgiyUIw$zZFaNYxx2AYaVTYodA7/RHzqBqN8Sc1GKgdkmJk3lEw','ko',1,'2025-06-01 11:22:33.444555',NULL,NULL,1,1,'2026-11-27 11:22:48.846610',NULL);
INSERT INTO `people` (`id`, `email`, `name`, `birth_date`, `phone`, `password_hash`, `locale`, `is_staff`, `verified_at`, `blocked_at`, `closed_at`, `session_epoch`, `revision`, `created_at`, `bids_held_at`) VALUES (2,'alice@example.com','앨리스 김','1999-02-03','+821012345678','$argon2id$v=19$m=19456,t=2,p=1$LUDxt4dtSDbht+VtgiyUIw$zZFaNYxx2AYaVTYodA7/RHzqBqN8Sc1GKgdkmJk3lEw','en',0,'2025-06-01 11:22:33.444555',NULL,NULL,1,1,'2026-11-27 11:22:48.850842',NULL);
INSERT INTO `people` (`id`, `email`, `name`, `birth_date`, `phone`, `password_hash`, `locale`, `is_staff`, `verified_at`, `blocked_at`, `closed_at`, `session_epoch`, `revision`, `created_at`, `bids_held_at`) VALUES (3,'bob@example.com','bob',NULL,NULL,'$argon2id$v=19$m=19456,t=2,p=1$LUDxt4dtSDbht+VtgiyUIw$zZFaNYxx2AYaVTYodA7/RHzqBqN8Sc1GKgdkmJk3lEw','ko',0,'2025-06-01 11:22:33.444555',NULL,NULL,1,1,'2026-11-27 11:22:48.866288',NULL);
INSERT INTO `people` (`id`, `email`, `name`, `birth_date`, `phone`, `password_hash`, `locale`, `is_staff`, `verified_at`, `blocked_at`, `closed_at`, `session_epoch`, `revision`, `created_at`, `bids_held_at`) VALUES (4,'carol@example.com','carol',NULL,NULL,'$argon2id$v=19$m=19456,t=2,p=1$LUDxt4dtSDbht+VtgiyUIw$zZFaNYxx2AYaVTYodA7/RHzqBqN8Sc1GKgdkmJk3lEw','ko',0,'2025-06-01 11:22:33.444555',NULL,NULL,1,1,'2026-11-27 11:22:48.878206',NULL);
INSERT INTO `people` (`id`, `email`, `name`, `birth_date`, `phone`, `password_hash`, `locale`, `is_staff`, `verified_at`, `blocked_at`, `closed_at`, `session_epoch`, `revision`, `created_at`, `bids_held_at`) VALUES (5,'mallory@example.com','mallory',NULL,NULL,'$argon2id$v=19$m=19456,t=2,p=1$LUDxt4dtSDbht+VtgiyUIw$zZFaNYxx2AYaVTYodA7/RHzqBqN8Sc1GKgdkmJk3lEw','ko',0,'2025-06-01 11:22:33.444555','2025-06-01 11:22:33.444555',NULL,1,1,'2026-11-27 11:22:48.882128',NULL);
/*!40000 ALTER TABLE `people` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `person_changes` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `person_id` bigint(20) NOT NULL,
  `field` varchar(16) NOT NULL,
  `old_value` varchar(80) NOT NULL,
  `new_value` varchar(80) NOT NULL,
  `operator` varchar(80) NOT NULL,
  `why` varchar(500) NOT NULL,
  `at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  KEY `ix_person_changes_person_id` (`person_id`),
  CONSTRAINT `fk_person_changes_person_id_people` FOREIGN KEY (`person_id`) REFERENCES `people` (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `person_changes` DISABLE KEYS */;
INSERT INTO `person_changes` (`id`, `person_id`, `field`, `old_value`, `new_value`, `operator`, `why`, `at`) VALUES (1,1,'name','made-up old_value','made-up new_value','made-up operator','made-up why','2025-06-01 11:22:33.444555');
/*!40000 ALTER TABLE `person_changes` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `quarantined` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `auction_id` bigint(20) NOT NULL,
  `sequence` int(11) DEFAULT NULL,
  `raw` text NOT NULL,
  `reason` varchar(500) NOT NULL,
  `set_aside_at` datetime(6) NOT NULL,
  `resolved_at` datetime(6) DEFAULT NULL,
  `resolution` varchar(500) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq_quarantined_auction_id_sequence` (`auction_id`,`sequence`),
  KEY `ix_quarantined_auction_id` (`auction_id`),
  CONSTRAINT `fk_quarantined_auction_id_auctions` FOREIGN KEY (`auction_id`) REFERENCES `auctions` (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `quarantined` DISABLE KEYS */;
INSERT INTO `quarantined` (`id`, `auction_id`, `sequence`, `raw`, `reason`, `set_aside_at`, `resolved_at`, `resolution`) VALUES (1,2,5,'not a bid','unreadable','2025-06-01 11:22:33.444555','2025-06-01 11:22:33.444555','left out');
/*!40000 ALTER TABLE `quarantined` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `recovery_codes` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `person_id` bigint(20) NOT NULL,
  `code_hash` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `created_at` datetime(6) NOT NULL,
  `used_at` datetime(6) DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `ix_recovery_codes_person_id` (`person_id`),
  CONSTRAINT `fk_recovery_codes_person_id_people` FOREIGN KEY (`person_id`) REFERENCES `people` (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `recovery_codes` DISABLE KEYS */;
INSERT INTO `recovery_codes` (`id`, `person_id`, `code_hash`, `created_at`, `used_at`) VALUES (1,1,'made-up code_hash','2025-06-01 11:22:33.444555','2025-06-01 11:22:33.444555');
/*!40000 ALTER TABLE `recovery_codes` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `seats` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `auction_id` bigint(20) NOT NULL,
  `number` int(11) NOT NULL,
  `label` varchar(20) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq_seats_auction_id_number` (`auction_id`,`number`),
  CONSTRAINT `fk_seats_auction_id_auctions` FOREIGN KEY (`auction_id`) REFERENCES `auctions` (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=13 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `seats` DISABLE KEYS */;
INSERT INTO `seats` (`id`, `auction_id`, `number`, `label`) VALUES (1,1,1,'VIP-1');
INSERT INTO `seats` (`id`, `auction_id`, `number`, `label`) VALUES (2,1,2,'VIP-2');
INSERT INTO `seats` (`id`, `auction_id`, `number`, `label`) VALUES (3,2,1,'VIP-1');
INSERT INTO `seats` (`id`, `auction_id`, `number`, `label`) VALUES (4,2,2,'VIP-2');
INSERT INTO `seats` (`id`, `auction_id`, `number`, `label`) VALUES (5,3,1,'VIP-1');
INSERT INTO `seats` (`id`, `auction_id`, `number`, `label`) VALUES (6,3,2,'VIP-2');
INSERT INTO `seats` (`id`, `auction_id`, `number`, `label`) VALUES (7,4,1,'VIP-1');
INSERT INTO `seats` (`id`, `auction_id`, `number`, `label`) VALUES (8,4,2,'VIP-2');
INSERT INTO `seats` (`id`, `auction_id`, `number`, `label`) VALUES (9,5,1,'VIP-1');
INSERT INTO `seats` (`id`, `auction_id`, `number`, `label`) VALUES (10,5,2,'VIP-2');
INSERT INTO `seats` (`id`, `auction_id`, `number`, `label`) VALUES (11,6,1,'VIP-1');
INSERT INTO `seats` (`id`, `auction_id`, `number`, `label`) VALUES (12,6,2,'VIP-2');
/*!40000 ALTER TABLE `seats` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `sequence_gaps` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `auction_id` bigint(20) NOT NULL,
  `first` int(11) NOT NULL,
  `last` int(11) NOT NULL,
  `reason` varchar(500) NOT NULL,
  `found_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq_sequence_gaps_auction_id_first` (`auction_id`,`first`),
  CONSTRAINT `fk_sequence_gaps_auction_id_auctions` FOREIGN KEY (`auction_id`) REFERENCES `auctions` (`id`),
  CONSTRAINT `ck_sequence_gaps_range` CHECK (`first` >= 1 and `first` <= `last`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `sequence_gaps` DISABLE KEYS */;
INSERT INTO `sequence_gaps` (`id`, `auction_id`, `first`, `last`, `reason`, `found_at`) VALUES (1,2,3,4,'lost with the live store','2025-06-01 11:22:33.444555');
/*!40000 ALTER TABLE `sequence_gaps` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `sign_ins` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `person_id` bigint(20) NOT NULL,
  `handle` varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `browser` varchar(200) NOT NULL,
  `started_at` datetime(6) NOT NULL,
  `ended_at` datetime(6) DEFAULT NULL,
  `last_used_at` datetime(6) DEFAULT NULL,
  `proved_at` datetime(6) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq_sign_ins_handle` (`handle`),
  KEY `ix_sign_ins_person_id` (`person_id`),
  CONSTRAINT `fk_sign_ins_person_id_people` FOREIGN KEY (`person_id`) REFERENCES `people` (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `sign_ins` DISABLE KEYS */;
INSERT INTO `sign_ins` (`id`, `person_id`, `handle`, `browser`, `started_at`, `ended_at`, `last_used_at`, `proved_at`) VALUES (1,1,'made-up handle','made-up browser','2025-06-01 11:22:33.444555','2025-06-01 11:22:33.444555','2025-06-01 11:22:33.444555','2025-06-01 11:22:33.444555');
/*!40000 ALTER TABLE `sign_ins` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `sign_up_drafts` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `email` varchar(254) NOT NULL,
  `name` varchar(80) NOT NULL,
  `birth_date` date DEFAULT NULL,
  `phone` varchar(20) DEFAULT NULL,
  `password_hash` varchar(255) NOT NULL,
  `locale` varchar(2) NOT NULL,
  `browser` varchar(200) NOT NULL,
  `token_hash` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `client` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `created_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  KEY `ix_sign_up_drafts_email` (`email`),
  KEY `ix_sign_up_drafts_token_hash` (`token_hash`),
  KEY `ix_sign_up_drafts_client` (`client`),
  KEY `ix_sign_up_drafts_created_at` (`created_at`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `sign_up_drafts` DISABLE KEYS */;
INSERT INTO `sign_up_drafts` (`id`, `email`, `name`, `birth_date`, `phone`, `password_hash`, `locale`, `browser`, `token_hash`, `client`, `created_at`) VALUES (1,'made-up email','made-up name','2025-06-01','made-up phone','made-up password_hash','ma','made-up browser','made-up token_hash','made-up client','2025-06-01 11:22:33.444555');
/*!40000 ALTER TABLE `sign_up_drafts` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `spent_challenges` (
  `challenge_hash` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `expires_at` datetime(6) NOT NULL,
  PRIMARY KEY (`challenge_hash`),
  KEY `ix_spent_challenges_expires_at` (`expires_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `spent_challenges` DISABLE KEYS */;
INSERT INTO `spent_challenges` (`challenge_hash`, `expires_at`) VALUES ('made-up challenge_hash','2025-06-01 11:22:33.444555');
/*!40000 ALTER TABLE `spent_challenges` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `wrong_codes` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `person_id` bigint(20) NOT NULL,
  `at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  KEY `ix_wrong_codes_person_id_at` (`person_id`,`at`),
  CONSTRAINT `fk_wrong_codes_person_id_people` FOREIGN KEY (`person_id`) REFERENCES `people` (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `wrong_codes` DISABLE KEYS */;
INSERT INTO `wrong_codes` (`id`, `person_id`, `at`) VALUES (1,1,'2025-06-01 11:22:33.444555');
/*!40000 ALTER TABLE `wrong_codes` ENABLE KEYS */;
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;

/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;
/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;
/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;

