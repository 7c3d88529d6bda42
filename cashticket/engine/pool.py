"""The pool of connections to the live store: redis-py's, without what it measures at each lending and nobody reads."""

from typing import Any

from redis.connection import ConnectionPool
from redis.exceptions import RedisError


class StorePool(ConnectionPool):
    """Lends an idle connection that is ready at once. Everything else redis-py does: it connects, and replaces a
    connection that was closed or has something unread."""

    def get_connection(self, command_name: str | None = None, *keys: Any, **options: Any) -> Any:
        """A connection for one caller, who releases it. Raises RedisError."""
        self._checkpid()
        with self._lock:
            connection = self._available_connections.pop() if self._available_connections else None
            if connection is not None:
                self._in_use_connections.add(connection)
        if connection is None:
            return super().get_connection()
        try:
            if _is_ready(connection):
                return connection
        except BaseException:
            self.release(connection)
            raise
        self.release(connection)
        return super().get_connection()

    def release(self, connection: Any) -> None:
        """Take back a connection, which stays connected."""
        self._checkpid()
        with self._lock:
            is_ours = connection in self._in_use_connections and self.owns_connection(connection)
            if is_ours and not connection.should_reconnect():
                self._in_use_connections.remove(connection)
                self._available_connections.append(connection)
                return
        super().release(connection)


def _is_ready(connection: Any) -> bool:
    """Whether it is connected and has nothing unread. One that the store has closed is not."""
    try:
        return connection.is_connected and not connection.can_read()
    except (RedisError, OSError):
        return False
