"""Django's SQLite backend with fair waiting for the one writer's place; settings name it as ENGINE."""
