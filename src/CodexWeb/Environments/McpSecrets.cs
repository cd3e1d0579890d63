using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace CodexWeb.Environments;

/// <summary>Encrypts the values of headers that are sent to MCP servers, and opens them again.</summary>
public sealed class McpSecrets(IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("CodexWeb.McpHeader");

    /// <summary>Encrypts one.</summary>
    public string Close(string value) => _protector.Protect(value);

    /// <summary>Opens one; null when it was encrypted with keys that are gone.</summary>
    public string? Open(string encrypted)
    {
        try
        {
            return _protector.Unprotect(encrypted);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
