namespace CodexWeb.Agent.Sandboxes;

/// <summary>
/// The account on the host that owns workspaces and runs sandboxes: the server's own when the server is an ordinary user, an unprivileged one when it is root.
/// </summary>
/// <param name="UserId">Numeric user id; needs no entry in the password file.</param>
/// <param name="GroupId">Numeric group id.</param>
/// <param name="DropsFromRoot">True when the server is root and every sandbox and workspace process must be started through <c>setpriv</c>.</param>
public sealed record HostAccount(uint UserId, uint GroupId, bool DropsFromRoot);
