"""The post: notices as each person reads them, and the mails of notices and accounts."""
