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
INSERT INTO `alembic_version` (`version_num`) VALUES ('0016');
/*!40000 ALTER TABLE `alembic_version` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `applied_revisions` (
  `revision` varchar(32) NOT NULL,
  `digest` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `recorded_at` datetime(6) NOT NULL,
  PRIMARY KEY (`revision`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `applied_revisions` DISABLE KEYS */;
INSERT INTO `applied_revisions` (`revision`, `digest`, `recorded_at`) VALUES ('0001','ae4fbbbe2990c755d25a2481e53a1489e49f73849b2ce10f7e51f43b0463b252','2026-11-27 17:46:24.774393');
INSERT INTO `applied_revisions` (`revision`, `digest`, `recorded_at`) VALUES ('0002','8dd3fa06d786fc6c82084e905c06ce5f7f2d9bee694423207e182d4ec474cbfa','2026-11-27 17:46:24.774393');
INSERT INTO `applied_revisions` (`revision`, `digest`, `recorded_at`) VALUES ('0003','64ad2c8b934bd922023fcedadbd495e4d0757abdee043c15612cd485fe128b06','2026-11-27 17:46:24.774392');
INSERT INTO `applied_revisions` (`revision`, `digest`, `recorded_at`) VALUES ('0004','a0284fcfbe2e0cdd84e4a2f1980fdacdd9b8b9f7fa8bd519a1c4b3bae2c559b7','2026-11-27 17:46:24.774392');
INSERT INTO `applied_revisions` (`revision`, `digest`, `recorded_at`) VALUES ('0005','2894dba05f47d9daaa98d3545d2cd253b3525ce33c4548d5e6a31fc216b8a24d','2026-11-27 17:46:24.774392');
INSERT INTO `applied_revisions` (`revision`, `digest`, `recorded_at`) VALUES ('0006','b96d7a1df84b273bfe4b090dba60e93bf786a9f9c9eaaf5e6ae3adfb69ed48cc','2026-11-27 17:46:24.774391');
INSERT INTO `applied_revisions` (`revision`, `digest`, `recorded_at`) VALUES ('0007','7563ce41c6482b2ea36a11a28b11b85434e0332fc44bc11c41a673dcc49e50d9','2026-11-27 17:46:24.774391');
INSERT INTO `applied_revisions` (`revision`, `digest`, `recorded_at`) VALUES ('0008','e4946cd1cabf4326071b59542b4e1163afa52d4ec14ae28a21b84a823ab56a57','2026-11-27 17:46:24.774391');
INSERT INTO `applied_revisions` (`revision`, `digest`, `recorded_at`) VALUES ('0009','90897e924b2cbd996252799a8ce3ce3c3c43d03d334f9d2f403c1e7237fe705f','2026-11-27 17:46:24.774390');
INSERT INTO `applied_revisions` (`revision`, `digest`, `recorded_at`) VALUES ('0010','b69fdc12f6b8b79ba065ab0f025cfebd4268d84a2bf3576f8cfcea5460d9944e','2026-11-27 17:46:24.774390');
INSERT INTO `applied_revisions` (`revision`, `digest`, `recorded_at`) VALUES ('0011','05a3eb56236792c1940bf30992e1173498df6ab5821f9335abd1f9873958091a','2026-11-27 17:46:24.774390');
INSERT INTO `applied_revisions` (`revision`, `digest`, `recorded_at`) VALUES ('0012','6733660f14528c0cb64e7b55d344fa285c51c0c3a5cff3ac1f758ea412530075','2026-11-27 17:46:24.774389');
INSERT INTO `applied_revisions` (`revision`, `digest`, `recorded_at`) VALUES ('0013','f7a3ebb9a0270e7c6c7248696f923da0ae80cd309d8cf2f060616ebe56269b40','2026-11-27 17:46:24.774389');
INSERT INTO `applied_revisions` (`revision`, `digest`, `recorded_at`) VALUES ('0014','30ff280d4bc43b63a7922b5d4d47541dd7efd7e83fc0d03c22ca7288277c47fa','2026-11-27 17:46:24.774388');
INSERT INTO `applied_revisions` (`revision`, `digest`, `recorded_at`) VALUES ('0015','7a5468256f1bda5fd65a7a100c338fa3738da29c6bb7f1f7ab4fd0842e6d727c','2026-11-27 17:46:24.774388');
INSERT INTO `applied_revisions` (`revision`, `digest`, `recorded_at`) VALUES ('0016','1ef7764e04136cebc3c814df40b62bd6e65a41b7813aa14571902634fb520506','2026-11-27 17:46:24.774385');
/*!40000 ALTER TABLE `applied_revisions` ENABLE KEYS */;
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
  `maximum` int(11) NOT NULL DEFAULT 2147483647,
  `ranked_at` datetime(6) DEFAULT NULL,
  `telling_since` datetime(6) DEFAULT NULL,
  `voided_at` datetime(6) DEFAULT NULL,
  `keys_left_at` datetime(6) DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `ix_auctions_concert_id` (`concert_id`),
  KEY `ix_auctions_state` (`state`),
  KEY `ix_auctions_telling_since` (`telling_since`),
  KEY `ix_auctions_keys_left_at` (`keys_left_at`),
  CONSTRAINT `fk_auctions_concert_id_concerts` FOREIGN KEY (`concert_id`) REFERENCES `concerts` (`id`),
  CONSTRAINT `ck_auctions_prices` CHECK (`minimum` >= 0 and `step` >= 1),
  CONSTRAINT `ck_auctions_window` CHECK (`opens_at` < `closes_at`),
  CONSTRAINT `ck_auctions_recorded` CHECK (`recorded_sequence` >= 0),
  CONSTRAINT `ck_auctions_seats` CHECK (`seats` >= 1),
  CONSTRAINT `ck_auctions_ceiling` CHECK (`minimum` <= `maximum`)
) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `auctions` DISABLE KEYS */;
INSERT INTO `auctions` (`id`, `concert_id`, `seats`, `minimum`, `step`, `pricing`, `opens_at`, `closes_at`, `ends_at`, `soft_close_seconds`, `soft_close_cap_seconds`, `purchase_hours`, `offer_hours`, `state`, `recorded_sequence`, `final_sequence`, `alias_salt`, `settled_at`, `created_at`, `maximum`, `ranked_at`, `telling_since`, `voided_at`, `keys_left_at`) VALUES (1,2,2,100000,5000,'pay_as_bid','2025-06-01 10:00:00.000000','2025-06-01 12:00:00.000000','2025-06-01 12:00:00.000000',0,1800,24,12,'settled',4,4,'salt of a test','2026-11-27 17:46:24.826777','2026-11-27 17:46:24.808537',2147483647,'2026-11-27 17:46:24.826777','2026-11-27 17:46:24.826777',NULL,NULL);
INSERT INTO `auctions` (`id`, `concert_id`, `seats`, `minimum`, `step`, `pricing`, `opens_at`, `closes_at`, `ends_at`, `soft_close_seconds`, `soft_close_cap_seconds`, `purchase_hours`, `offer_hours`, `state`, `recorded_sequence`, `final_sequence`, `alias_salt`, `settled_at`, `created_at`, `maximum`, `ranked_at`, `telling_since`, `voided_at`, `keys_left_at`) VALUES (2,3,2,100000,5000,'pay_as_bid','2025-06-01 10:00:00.000000','2025-06-01 12:00:00.000000','2025-06-01 12:00:00.000000',0,1800,24,12,'voided',2,NULL,'salt of a test',NULL,'2026-11-27 17:46:25.019303',2147483647,'2026-11-27 17:46:25.044908',NULL,'2026-11-27 17:46:25.025206',NULL);
INSERT INTO `auctions` (`id`, `concert_id`, `seats`, `minimum`, `step`, `pricing`, `opens_at`, `closes_at`, `ends_at`, `soft_close_seconds`, `soft_close_cap_seconds`, `purchase_hours`, `offer_hours`, `state`, `recorded_sequence`, `final_sequence`, `alias_salt`, `settled_at`, `created_at`, `maximum`, `ranked_at`, `telling_since`, `voided_at`, `keys_left_at`) VALUES (3,4,2,100000,5000,'pay_as_bid','2025-06-01 10:00:00.000000','2025-06-01 12:00:00.000000','2025-06-01 12:00:00.000000',0,1800,24,12,'closing',2,2,'salt of a test',NULL,'2026-11-27 17:46:25.064684',2147483647,NULL,NULL,NULL,NULL);
INSERT INTO `auctions` (`id`, `concert_id`, `seats`, `minimum`, `step`, `pricing`, `opens_at`, `closes_at`, `ends_at`, `soft_close_seconds`, `soft_close_cap_seconds`, `purchase_hours`, `offer_hours`, `state`, `recorded_sequence`, `final_sequence`, `alias_salt`, `settled_at`, `created_at`, `maximum`, `ranked_at`, `telling_since`, `voided_at`, `keys_left_at`) VALUES (4,5,2,100000,5000,'pay_as_bid','2025-06-01 10:00:00.000000','2025-06-01 12:00:00.000000','2025-06-01 12:00:00.000000',0,1800,24,12,'open',3,NULL,'salt of a test',NULL,'2026-11-27 17:46:25.071261',2147483647,NULL,NULL,NULL,NULL);
INSERT INTO `auctions` (`id`, `concert_id`, `seats`, `minimum`, `step`, `pricing`, `opens_at`, `closes_at`, `ends_at`, `soft_close_seconds`, `soft_close_cap_seconds`, `purchase_hours`, `offer_hours`, `state`, `recorded_sequence`, `final_sequence`, `alias_salt`, `settled_at`, `created_at`, `maximum`, `ranked_at`, `telling_since`, `voided_at`, `keys_left_at`) VALUES (5,1,2,100000,5000,'pay_as_bid','2025-06-01 10:00:00.000000','2099-06-01 10:00:00.000000','2099-06-01 10:00:00.000000',0,1800,24,12,'open',3,NULL,'salt of a test',NULL,'2026-11-27 17:46:25.075970',2147483647,NULL,NULL,NULL,NULL);
INSERT INTO `auctions` (`id`, `concert_id`, `seats`, `minimum`, `step`, `pricing`, `opens_at`, `closes_at`, `ends_at`, `soft_close_seconds`, `soft_close_cap_seconds`, `purchase_hours`, `offer_hours`, `state`, `recorded_sequence`, `final_sequence`, `alias_salt`, `settled_at`, `created_at`, `maximum`, `ranked_at`, `telling_since`, `voided_at`, `keys_left_at`) VALUES (6,1,2,100000,5000,'uniform','2099-06-01 10:00:00.000000','2099-06-01 11:00:00.000000','2099-06-01 11:00:00.000000',0,1800,24,12,'open',0,NULL,'salt of a test',NULL,'2026-11-27 17:46:25.083295',2147483647,NULL,NULL,NULL,NULL);
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
INSERT INTO `award_events` (`id`, `auction_id`, `number`, `award_id`, `state`, `at`) VALUES (1,1,1,1,'offered','2026-11-27 17:46:24.826777');
INSERT INTO `award_events` (`id`, `auction_id`, `number`, `award_id`, `state`, `at`) VALUES (2,1,2,2,'offered','2026-11-27 17:46:24.826777');
INSERT INTO `award_events` (`id`, `auction_id`, `number`, `award_id`, `state`, `at`) VALUES (3,1,3,1,'bought','2026-11-27 17:46:24.990112');
INSERT INTO `award_events` (`id`, `auction_id`, `number`, `award_id`, `state`, `at`) VALUES (4,1,4,2,'declined','2026-11-27 17:46:25.000948');
INSERT INTO `award_events` (`id`, `auction_id`, `number`, `award_id`, `state`, `at`) VALUES (5,1,5,3,'offered','2026-11-27 17:46:25.000948');
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
INSERT INTO `awards` (`id`, `auction_id`, `concert_id`, `seat_id`, `person_id`, `previous_id`, `rank`, `price`, `state`, `live`, `offered_at`, `expires_at`, `decided_at`, `person_name`) VALUES (1,1,2,1,3,NULL,1,125000,'bought',1,'2026-11-27 17:46:24.826777','2026-11-28 17:46:24.826000','2026-11-27 17:46:24.990112','bob');
INSERT INTO `awards` (`id`, `auction_id`, `concert_id`, `seat_id`, `person_id`, `previous_id`, `rank`, `price`, `state`, `live`, `offered_at`, `expires_at`, `decided_at`, `person_name`) VALUES (2,1,2,2,2,NULL,2,120000,'declined',NULL,'2026-11-27 17:46:24.826777','2026-11-28 17:46:24.826000','2026-11-27 17:46:25.000948','앨리스 김');
INSERT INTO `awards` (`id`, `auction_id`, `concert_id`, `seat_id`, `person_id`, `previous_id`, `rank`, `price`, `state`, `live`, `offered_at`, `expires_at`, `decided_at`, `person_name`) VALUES (3,1,2,2,4,2,3,105000,'offered',1,'2026-11-27 17:46:25.000948','2026-11-28 05:46:25.000000',NULL,'carol');
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
CREATE TABLE `checks` (
  `auction_id` bigint(20) NOT NULL,
  `through_sequence` int(11) NOT NULL,
  `last_ms` bigint(20) NOT NULL,
  `people` int(11) NOT NULL,
  `notice_id` bigint(20) NOT NULL,
  `resolved` int(11) NOT NULL,
  `wanted` int(11) NOT NULL,
  `answered` int(11) NOT NULL,
  `checked_on` varchar(100) NOT NULL,
  `checked_at` datetime(6) DEFAULT NULL,
  `fault` varchar(500) DEFAULT NULL,
  `whole_begun_at` datetime(6) DEFAULT NULL,
  `whole_at` datetime(6) DEFAULT NULL,
  `whole_fault` varchar(500) DEFAULT NULL,
  `final_at` datetime(6) DEFAULT NULL,
  `accounted_on` varchar(100) NOT NULL DEFAULT '',
  PRIMARY KEY (`auction_id`),
  KEY `ix_checks_final_at` (`final_at`),
  CONSTRAINT `fk_checks_auction_id_auctions` FOREIGN KEY (`auction_id`) REFERENCES `auctions` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `checks` DISABLE KEYS */;
INSERT INTO `checks` (`auction_id`, `through_sequence`, `last_ms`, `people`, `notice_id`, `resolved`, `wanted`, `answered`, `checked_on`, `checked_at`, `fault`, `whole_begun_at`, `whole_at`, `whole_fault`, `final_at`, `accounted_on`) VALUES (1,0,0,0,0,0,0,0,'',NULL,NULL,NULL,NULL,NULL,NULL,'');
/*!40000 ALTER TABLE `checks` ENABLE KEYS */;
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
INSERT INTO `concerts` (`id`, `title`, `artist`, `venue`, `starts_at`, `cancel_until`, `genre`, `age_limit`, `description`, `poster`, `created_at`, `alias_salt`) VALUES (1,'봄밤 🌙','Seoul Quartet','올림픽홀','2099-07-01 10:00:00.000000','2099-06-30 10:00:00.000000','재즈',8,NULL,NULL,'2026-11-27 17:46:24.806717',NULL);
INSERT INTO `concerts` (`id`, `title`, `artist`, `venue`, `starts_at`, `cancel_until`, `genre`, `age_limit`, `description`, `poster`, `created_at`, `alias_salt`) VALUES (2,'한여름 밤의 공연','Seoul Quartet','올림픽홀','2031-05-11 12:00:00.000000','2031-05-10 12:00:00.000000',NULL,NULL,NULL,NULL,'2026-11-27 17:46:24.807383',NULL);
INSERT INTO `concerts` (`id`, `title`, `artist`, `venue`, `starts_at`, `cancel_until`, `genre`, `age_limit`, `description`, `poster`, `created_at`, `alias_salt`) VALUES (3,'취소된 밤','Seoul Quartet','올림픽홀','2031-05-11 12:00:00.000000','2031-05-10 12:00:00.000000',NULL,NULL,NULL,NULL,'2026-11-27 17:46:25.018618',NULL);
INSERT INTO `concerts` (`id`, `title`, `artist`, `venue`, `starts_at`, `cancel_until`, `genre`, `age_limit`, `description`, `poster`, `created_at`, `alias_salt`) VALUES (4,'정산 중','Seoul Quartet','올림픽홀','2031-05-11 12:00:00.000000','2031-05-10 12:00:00.000000',NULL,NULL,NULL,NULL,'2026-11-27 17:46:25.064042',NULL);
INSERT INTO `concerts` (`id`, `title`, `artist`, `venue`, `starts_at`, `cancel_until`, `genre`, `age_limit`, `description`, `poster`, `created_at`, `alias_salt`) VALUES (5,'아직 정산 전','Seoul Quartet','올림픽홀','2031-05-11 12:00:00.000000','2031-05-10 12:00:00.000000',NULL,NULL,NULL,NULL,'2026-11-27 17:46:25.070752',NULL);
/*!40000 ALTER TABLE `concerts` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `final_ranks` (
  `auction_id` bigint(20) NOT NULL,
  `rank` int(11) NOT NULL,
  `person_id` bigint(20) NOT NULL,
  `amount` bigint(20) NOT NULL,
  `sequence` int(11) NOT NULL,
  `alias` varchar(6) NOT NULL,
  `line_place` int(11) DEFAULT NULL,
  `waiting` tinyint(1) NOT NULL,
  `passed_over` varchar(16) DEFAULT NULL,
  `told_at` datetime(6) DEFAULT NULL,
  PRIMARY KEY (`auction_id`,`rank`),
  UNIQUE KEY `uq_final_ranks_auction_id_person_id` (`auction_id`,`person_id`),
  KEY `ix_final_ranks_person_id` (`person_id`),
  KEY `ix_final_ranks_line` (`auction_id`,`waiting`,`line_place`),
  KEY `ix_final_ranks_alias` (`auction_id`,`alias`),
  KEY `ix_final_ranks_untold` (`auction_id`,`told_at`,`rank`),
  CONSTRAINT `fk_final_ranks_auction_id_auctions` FOREIGN KEY (`auction_id`) REFERENCES `auctions` (`id`),
  CONSTRAINT `fk_final_ranks_person_id_people` FOREIGN KEY (`person_id`) REFERENCES `people` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `final_ranks` DISABLE KEYS */;
INSERT INTO `final_ranks` (`auction_id`, `rank`, `person_id`, `amount`, `sequence`, `alias`, `line_place`, `waiting`, `passed_over`, `told_at`) VALUES (1,1,3,125000,4,'NZ2ZSP',NULL,0,NULL,'2026-11-27 17:46:24.826777');
INSERT INTO `final_ranks` (`auction_id`, `rank`, `person_id`, `amount`, `sequence`, `alias`, `line_place`, `waiting`, `passed_over`, `told_at`) VALUES (1,2,2,120000,1,'JKRAAR',NULL,0,NULL,'2026-11-27 17:46:24.826777');
INSERT INTO `final_ranks` (`auction_id`, `rank`, `person_id`, `amount`, `sequence`, `alias`, `line_place`, `waiting`, `passed_over`, `told_at`) VALUES (1,3,4,105000,3,'38D78B',1,0,NULL,NULL);
INSERT INTO `final_ranks` (`auction_id`, `rank`, `person_id`, `amount`, `sequence`, `alias`, `line_place`, `waiting`, `passed_over`, `told_at`) VALUES (2,1,5,105000,2,'SKZ9BG',NULL,0,NULL,'2026-11-27 17:46:25.047541');
INSERT INTO `final_ranks` (`auction_id`, `rank`, `person_id`, `amount`, `sequence`, `alias`, `line_place`, `waiting`, `passed_over`, `told_at`) VALUES (2,2,2,100000,1,'52JNF2',NULL,0,NULL,'2026-11-27 17:46:25.047541');
/*!40000 ALTER TABLE `final_ranks` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `given_up_bids` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `auction_id` bigint(20) NOT NULL,
  `sequence` int(11) NOT NULL,
  `person_id` bigint(20) NOT NULL,
  `nth` int(11) NOT NULL,
  `amount` bigint(20) NOT NULL,
  `at_ms` bigint(20) NOT NULL,
  `request_id` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `reason` varchar(500) NOT NULL,
  `given_up_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq_given_up_bids_auction_id_sequence_person_id_request_id` (`auction_id`,`sequence`,`person_id`,`request_id`),
  KEY `ix_given_up_bids_person_id` (`person_id`),
  CONSTRAINT `fk_given_up_bids_auction_id_auctions` FOREIGN KEY (`auction_id`) REFERENCES `auctions` (`id`),
  CONSTRAINT `fk_given_up_bids_person_id_people` FOREIGN KEY (`person_id`) REFERENCES `people` (`id`),
  CONSTRAINT `ck_given_up_bids_sequence` CHECK (`sequence` >= 1),
  CONSTRAINT `ck_given_up_bids_amount` CHECK (`amount` >= 0)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `given_up_bids` DISABLE KEYS */;
INSERT INTO `given_up_bids` (`id`, `auction_id`, `sequence`, `person_id`, `nth`, `amount`, `at_ms`, `request_id`, `reason`, `given_up_at`) VALUES (1,2,3,2,2,110000,1748776953444,'request-3','lost','2025-06-01 11:22:33.444555');
/*!40000 ALTER TABLE `given_up_bids` ENABLE KEYS */;
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
  KEY `ix_notifications_unread` (`person_id`,`seen_at`),
  KEY `ix_notifications_unmailed_kind` (`mailed_at`,`kind`,`created_at`),
  CONSTRAINT `fk_notifications_auction_id_auctions` FOREIGN KEY (`auction_id`) REFERENCES `auctions` (`id`),
  CONSTRAINT `fk_notifications_person_id_people` FOREIGN KEY (`person_id`) REFERENCES `people` (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `notifications` DISABLE KEYS */;
INSERT INTO `notifications` (`id`, `person_id`, `auction_id`, `kind`, `occasion`, `facts`, `created_at`, `seen_at`, `mailed_at`) VALUES (1,3,1,'won',1,'{\"award_id\": 1, \"seat\": \"VIP-1\", \"price\": 125000, \"rank\": 1, \"expires_at\": \"2026-11-28T17:46:24.826Z\"}','2026-11-27 17:46:24.826777',NULL,'2026-11-27 17:46:24.826777');
INSERT INTO `notifications` (`id`, `person_id`, `auction_id`, `kind`, `occasion`, `facts`, `created_at`, `seen_at`, `mailed_at`) VALUES (2,2,1,'won',2,'{\"award_id\": 2, \"seat\": \"VIP-2\", \"price\": 120000, \"rank\": 2, \"expires_at\": \"2026-11-28T17:46:24.826Z\"}','2026-11-27 17:46:24.826777',NULL,'2026-11-27 17:46:24.826777');
INSERT INTO `notifications` (`id`, `person_id`, `auction_id`, `kind`, `occasion`, `facts`, `created_at`, `seen_at`, `mailed_at`) VALUES (3,4,1,'offered',3,'{\"award_id\": 3, \"seat\": \"VIP-2\", \"price\": 105000, \"rank\": 3, \"expires_at\": \"2026-11-28T05:46:25.000Z\"}','2026-11-27 17:46:25.000948',NULL,'2026-11-27 17:46:25.000948');
INSERT INTO `notifications` (`id`, `person_id`, `auction_id`, `kind`, `occasion`, `facts`, `created_at`, `seen_at`, `mailed_at`) VALUES (4,5,2,'voided',0,'{}','2026-11-27 17:46:25.047541',NULL,'2026-11-27 17:46:25.047541');
INSERT INTO `notifications` (`id`, `person_id`, `auction_id`, `kind`, `occasion`, `facts`, `created_at`, `seen_at`, `mailed_at`) VALUES (5,2,2,'voided',0,'{}','2026-11-27 17:46:25.047541',NULL,'2026-11-27 17:46:25.047541');
INSERT INTO `notifications` (`id`, `person_id`, `auction_id`, `kind`, `occasion`, `facts`, `created_at`, `seen_at`, `mailed_at`) VALUES (6,4,4,'rank_out',3,'{\"amount\": 105000, \"cutoff\": 105000}','2025-06-01 10:00:00.003000',NULL,NULL);
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
INSERT INTO `operator_acts` (`id`, `operator`, `act`, `subject`, `why`, `facts`, `at`) VALUES (1,'olga','auction void','auction 2','the hall burnt down','{\"was\": \"open\", \"withdrawn\": 0, \"refunds\": []}','2026-11-27 17:46:25.030322');
/*!40000 ALTER TABLE `operator_acts` ENABLE KEYS */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `outages` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `auction_id` bigint(20) NOT NULL,
  `number` int(11) NOT NULL,
  `began_at` datetime(6) NOT NULL,
  `ended_at` datetime(6) NOT NULL,
  `ends_before` datetime(6) NOT NULL,
  `ends_after` datetime(6) NOT NULL,
  `reason` varchar(40) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq_outages_auction_id_number` (`auction_id`,`number`),
  CONSTRAINT `fk_outages_auction_id_auctions` FOREIGN KEY (`auction_id`) REFERENCES `auctions` (`id`),
  CONSTRAINT `ck_outages_number` CHECK (`number` >= 1),
  CONSTRAINT `ck_outages_time` CHECK (`began_at` <= `ended_at`),
  CONSTRAINT `ck_outages_end` CHECK (`ends_before` <= `ends_after`)
) ENGINE=InnoDB AUTO_INCREMENT=3 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `outages` DISABLE KEYS */;
INSERT INTO `outages` (`id`, `auction_id`, `number`, `began_at`, `ended_at`, `ends_before`, `ends_after`, `reason`) VALUES (1,2,1,'2025-06-01 11:22:33.444555','2025-06-01 11:27:33.444555','2025-06-01 11:55:00.000000','2025-06-01 12:00:00.000000','restarted');
INSERT INTO `outages` (`id`, `auction_id`, `number`, `began_at`, `ended_at`, `ends_before`, `ends_after`, `reason`) VALUES (2,5,1,'2025-06-01 11:22:33.444555','2025-06-01 11:27:33.444555','2099-06-01 09:55:00.000000','2099-06-01 10:00:00.000000','restarted');
/*!40000 ALTER TABLE `outages` ENABLE KEYS */;
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
) ENGINE=InnoDB AUTO_INCREMENT=8 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `outbox` DISABLE KEYS */;
INSERT INTO `outbox` (`id`, `channel`, `source`, `reference`, `kind`, `address`, `address_key`, `asker_key`, `locale`, `priority`, `state`, `due_at`, `expires_at`, `tries`, `leased_until`, `lease_owner`, `last_error`, `created_at`, `ended_at`) VALUES (1,'mail','notice',1,'won',NULL,NULL,NULL,NULL,1,'waiting','2026-11-27 17:46:24.826777','2026-11-30 17:46:24.826777',0,NULL,NULL,'','2026-11-27 17:46:24.826777',NULL);
INSERT INTO `outbox` (`id`, `channel`, `source`, `reference`, `kind`, `address`, `address_key`, `asker_key`, `locale`, `priority`, `state`, `due_at`, `expires_at`, `tries`, `leased_until`, `lease_owner`, `last_error`, `created_at`, `ended_at`) VALUES (2,'mail','notice',2,'won',NULL,NULL,NULL,NULL,1,'waiting','2026-11-27 17:46:24.826777','2026-11-30 17:46:24.826777',0,NULL,NULL,'','2026-11-27 17:46:24.826777',NULL);
INSERT INTO `outbox` (`id`, `channel`, `source`, `reference`, `kind`, `address`, `address_key`, `asker_key`, `locale`, `priority`, `state`, `due_at`, `expires_at`, `tries`, `leased_until`, `lease_owner`, `last_error`, `created_at`, `ended_at`) VALUES (4,'mail','notice',3,'offered',NULL,NULL,NULL,NULL,1,'waiting','2026-11-27 17:46:25.000948','2026-11-30 17:46:25.000948',0,NULL,NULL,'','2026-11-27 17:46:25.000948',NULL);
INSERT INTO `outbox` (`id`, `channel`, `source`, `reference`, `kind`, `address`, `address_key`, `asker_key`, `locale`, `priority`, `state`, `due_at`, `expires_at`, `tries`, `leased_until`, `lease_owner`, `last_error`, `created_at`, `ended_at`) VALUES (5,'mail','notice',4,'voided',NULL,NULL,NULL,NULL,4,'waiting','2026-11-27 17:46:25.047541','2026-11-30 17:46:25.047541',0,NULL,NULL,'','2026-11-27 17:46:25.047541',NULL);
INSERT INTO `outbox` (`id`, `channel`, `source`, `reference`, `kind`, `address`, `address_key`, `asker_key`, `locale`, `priority`, `state`, `due_at`, `expires_at`, `tries`, `leased_until`, `lease_owner`, `last_error`, `created_at`, `ended_at`) VALUES (6,'mail','notice',5,'voided',NULL,NULL,NULL,NULL,4,'waiting','2026-11-27 17:46:25.047541','2026-11-30 17:46:25.047541',0,NULL,NULL,'','2026-11-27 17:46:25.047541',NULL);
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
  `revised_at` datetime(6) DEFAULT NULL,
  `untold_since` datetime(6) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq_people_email` (`email`),
  UNIQUE KEY `uq_people_phone` (`phone`),
  KEY `ix_people_revised_at` (`revised_at`),
  KEY `ix_people_untold_since` (`untold_since`)
) ENGINE=InnoDB AUTO_INCREMENT=6 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40000 ALTER TABLE `people` DISABLE KEYS */;
INSERT INTO `people` (`id`, `email`, `name`, `birth_date`, `phone`, `password_hash`, `locale`, `is_staff`, `verified_at`, `blocked_at`, `closed_at`, `session_epoch`, `revision`, `created_at`, `bids_held_at`, `revised_at`, `untold_since`) VALUES (1,'olga@example.com','olga',NULL,NULL,'$argon2id$v=19$m=19456,t=2,p=1$C0eDMq97SkAwNzYNgP2gsA$gosPEJ6VbEkMIR5hJaaeKGwa2FSlZ8vBhkbhGiovHWQ','ko',1,'2025-06-01 11:22:33.444555',NULL,NULL,1,1,'2026-11-27 17:46:24.801923',NULL,NULL,NULL);
INSERT INTO `people` (`id`, `email`, `name`, `birth_date`, `phone`, `password_hash`, `locale`, `is_staff`, `verified_at`, `blocked_at`, `closed_at`, `session_epoch`, `revision`, `created_at`, `bids_held_at`, `revised_at`, `untold_since`) VALUES (2,'alice@example.com','앨리스 김','1999-02-03','+821012345678','$argon2id$v=19$m=19456,t=2,p=1$C0eDMq97SkAwNzYNgP2gsA$gosPEJ6VbEkMIR5hJaaeKGwa2FSlZ8vBhkbhGiovHWQ','en',0,'2025-06-01 11:22:33.444555',NULL,NULL,1,1,'2026-11-27 17:46:24.803417',NULL,NULL,NULL);
INSERT INTO `people` (`id`, `email`, `name`, `birth_date`, `phone`, `password_hash`, `locale`, `is_staff`, `verified_at`, `blocked_at`, `closed_at`, `session_epoch`, `revision`, `created_at`, `bids_held_at`, `revised_at`, `untold_since`) VALUES (3,'bob@example.com','bob',NULL,NULL,'$argon2id$v=19$m=19456,t=2,p=1$C0eDMq97SkAwNzYNgP2gsA$gosPEJ6VbEkMIR5hJaaeKGwa2FSlZ8vBhkbhGiovHWQ','ko',0,'2025-06-01 11:22:33.444555',NULL,NULL,1,1,'2026-11-27 17:46:24.804337',NULL,NULL,NULL);
INSERT INTO `people` (`id`, `email`, `name`, `birth_date`, `phone`, `password_hash`, `locale`, `is_staff`, `verified_at`, `blocked_at`, `closed_at`, `session_epoch`, `revision`, `created_at`, `bids_held_at`, `revised_at`, `untold_since`) VALUES (4,'carol@example.com','carol',NULL,NULL,'$argon2id$v=19$m=19456,t=2,p=1$C0eDMq97SkAwNzYNgP2gsA$gosPEJ6VbEkMIR5hJaaeKGwa2FSlZ8vBhkbhGiovHWQ','ko',0,'2025-06-01 11:22:33.444555',NULL,NULL,1,1,'2026-11-27 17:46:24.804867',NULL,NULL,NULL);
INSERT INTO `people` (`id`, `email`, `name`, `birth_date`, `phone`, `password_hash`, `locale`, `is_staff`, `verified_at`, `blocked_at`, `closed_at`, `session_epoch`, `revision`, `created_at`, `bids_held_at`, `revised_at`, `untold_since`) VALUES (5,'mallory@example.com','mallory',NULL,NULL,'$argon2id$v=19$m=19456,t=2,p=1$C0eDMq97SkAwNzYNgP2gsA$gosPEJ6VbEkMIR5hJaaeKGwa2FSlZ8vBhkbhGiovHWQ','ko',0,'2025-06-01 11:22:33.444555','2025-06-01 11:22:33.444555',NULL,1,1,'2026-11-27 17:46:24.805292',NULL,NULL,NULL);
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

