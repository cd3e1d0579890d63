using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CodexWeb.EmulatedGitHub;

/// <summary>A field that a query asks for.</summary>
/// <param name="Key">Its name in the answer.</param>
/// <param name="On">The type of the fragment it stands in; null outside one.</param>
internal sealed record GraphQlField(string Key, string Name, JsonObject Arguments, IReadOnlyList<GraphQlField> Fields, string? On);

/// <summary>A GraphQL query or mutation, read as far as GitHub's clients go: arguments, variables, aliases and inline fragments.</summary>
internal sealed partial class GraphQlDocument
{
    private readonly List<string> _tokens;
    private readonly JsonObject _variables;
    private int _at;

    private GraphQlDocument(string text, JsonObject variables)
    {
        _tokens = [.. Tokens().Matches(text).Select(static match => match.Value).Where(static token => token[0] is not ('#' or ','))];
        _variables = variables;
    }

    /// <summary>The fields of the one operation.</summary>
    /// <exception cref="Refusal">It cannot be read.</exception>
    public static IReadOnlyList<GraphQlField> Read(string text, JsonObject variables)
    {
        var document = new GraphQlDocument(text, variables);
        while (document.Peek() is not "{")
        {
            if (document.Peek() is "(")
            {
                document.SkipParentheses();
                continue;
            }

            document.Next();
        }

        return document.Fields(on: null);
    }

    private string Peek() => _at < _tokens.Count ? _tokens[_at] : throw new Refusal(400, "A query attribute must be specified and must be a string.");

    private string Next()
    {
        var token = Peek();
        _at++;
        return token;
    }

    private void Expect(string token)
    {
        if (Next() != token)
        {
            throw new Refusal(400, $"Parse error on \"{_tokens[_at - 1]}\": expected {token}");
        }
    }

    private void SkipParentheses()
    {
        var depth = 0;
        do
        {
            depth += Next() switch { "(" => 1, ")" => -1, _ => 0 };
        }
        while (depth > 0);
    }

    private List<GraphQlField> Fields(string? on)
    {
        var fields = new List<GraphQlField>();
        Expect("{");
        while (Peek() != "}")
        {
            if (Peek() == "...")
            {
                Next();
                Expect("on");
                fields.AddRange(Fields(Next()));
                continue;
            }

            var key = Next();
            var name = key;
            if (Peek() == ":")
            {
                Next();
                name = Next();
            }

            var arguments = Peek() == "(" ? Arguments(")") : [];
            fields.Add(new GraphQlField(key, name, arguments, Peek() == "{" ? Fields(on: null) : [], on));
        }

        Expect("}");
        return fields;
    }

    private JsonObject Arguments(string end)
    {
        var arguments = new JsonObject();
        Next();
        while (Peek() != end)
        {
            var name = Next();
            Expect(":");
            arguments[name] = Value();
        }

        Next();
        return arguments;
    }

    private JsonNode? Value()
    {
        switch (Peek())
        {
            case "{":
                return Arguments("}");
            case "[":
                Next();
                var items = new JsonArray();
                while (Peek() != "]")
                {
                    items.Add(Value());
                }

                Next();
                return items;
            case ['$', .. var variable]:
                Next();
                return _variables[variable]?.DeepClone();
            case ['"', ..] or "true" or "false" or "null":
                return JsonNode.Parse(Next());
            case var number when double.TryParse(number, CultureInfo.InvariantCulture, out _):
                return JsonNode.Parse(Next());
            default:
                // A word of an enum.
                return JsonValue.Create(Next());
        }
    }

    [GeneratedRegex("""\.\.\.|"(?:[^"\\]|\\.)*"|\$?[A-Za-z_][A-Za-z0-9_]*|-?[0-9.]+|[{}()\[\]:!=]|#[^\n]*|,""", RegexOptions.CultureInvariant)]
    private static partial Regex Tokens();
}
