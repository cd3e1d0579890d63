# Passes on what an MCP server writes to standard error. The first line says that the FIFO is there.
mkfifo -m 600 -- "$CODEXWEB_MCP_ERRORS" || exit 1
echo
exec cat -- "$CODEXWEB_MCP_ERRORS"
