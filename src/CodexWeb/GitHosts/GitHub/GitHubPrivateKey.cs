using System.Security.Cryptography;

namespace CodexWeb.GitHosts.GitHub;

/// <summary>Reads the private key of a GitHub App as people write it into settings.</summary>
internal static class GitHubPrivateKey
{
    private const int MostBytes = 64 * 1024;

    /// <summary>The PEM text of a setting: itself, or what the file it names holds.</summary>
    /// <exception cref="IOException">It names a file that cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It names a file this server may not read.</exception>
    public static string TextOf(string setting)
    {
        var text = setting.Trim();
        if (text.StartsWith("-----BEGIN", StringComparison.Ordinal))
        {
            // Environment files and container settings keep line ends only as two characters.
            return text.Replace("\\r", "", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal);
        }

        var file = new FileInfo(text);
        return file.Exists && file.Length > MostBytes ? throw new IOException("The file is too long for a key.") : File.ReadAllText(file.FullName);
    }

    /// <summary>The key; the caller disposes it.</summary>
    /// <exception cref="CryptographicException">It is not an RSA key without a password.</exception>
    public static RSA Import(string pem)
    {
        var key = RSA.Create();
        try
        {
            key.ImportFromPem(pem);
            return key;
        }
        catch (Exception exception)
        {
            key.Dispose();
            throw exception is ArgumentException ? new CryptographicException("This is not the PEM text of an RSA private key.") : exception;
        }
    }

    /// <summary>What is wrong with a setting, to go after its name; null when it is a key.</summary>
    public static string? FindError(string setting)
    {
        try
        {
            using var key = Import(TextOf(setting));
            // A public key is PEM text too.
            _ = key.SignData([], HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return "must be the PEM text of the App's private key, or the path of a file with it that this server can read.";
        }
        catch (CryptographicException)
        {
            return "is not an RSA private key in PEM form: take the file GitHub gave when the App's key was made.";
        }
    }
}
