"""The page kit: what every page uses and no app owns. See docs/web.md."""
