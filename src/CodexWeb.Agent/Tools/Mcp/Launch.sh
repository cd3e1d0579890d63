# Starts an MCP server. Program and arguments come as variables, so that nothing of them is ever read as shell text.
# Standard error goes into a FIFO that the server of CodexWeb reads the other end of; standard output belongs to the protocol.
exec 2>"$CODEXWEB_MCP_ERRORS"
rm -f -- "$CODEXWEB_MCP_ERRORS"
unset CODEXWEB_MCP_ERRORS
set --
codexweb_mcp=0
while [ "$codexweb_mcp" -lt "$CODEXWEB_MCP_COUNT" ]; do
    eval "set -- \"\$@\" \"\$CODEXWEB_MCP_$codexweb_mcp\"; unset CODEXWEB_MCP_$codexweb_mcp"
    codexweb_mcp=$((codexweb_mcp + 1))
done
unset CODEXWEB_MCP_COUNT codexweb_mcp
exec "$@"
