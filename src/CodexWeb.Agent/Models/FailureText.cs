namespace CodexWeb.Agent.Models;

/// <summary>Says to people why the model could not go on, and what to do.</summary>
public static class FailureText
{
    /// <summary>One or two sentences and the provider's own words.</summary>
    /// <param name="failure">What went wrong.</param>
    /// <param name="model">The model's name.</param>
    public static string Of(ModelException failure, string model)
    {
        ArgumentNullException.ThrowIfNull(failure);
        var (what, next) = failure.Failure switch
        {
            ModelFailure.RateLimited => ($"{model} takes no more requests for now.", "Try again later, or choose another model."),
            ModelFailure.Unavailable => ($"{model} did not answer, also not when asked again.", "Check the provider's address and state, then retry."),
            ModelFailure.Denied => ("The model provider refused the key.", "Check the provider's API key and its rights in the settings."),
            ModelFailure.QuotaExceeded => ("The quota or credit of the model provider's account is used up.", "Raise it with the provider, or choose another model."),
            ModelFailure.ContextTooLong => ($"What has to be kept of the conversation is longer than {model} can take in.", "Shorten the message or the instructions, or choose a model with a larger window."),
            ModelFailure.Gone => ($"{model} cannot be asked on this server any more.", "Retry with another model."),
            _ => ($"{model} refused the request.", "Change the request, or choose another model."),
        };
        return failure.Failure is ModelFailure.Gone ? $"{what} {failure.Message} {next}" : $"{what} {next} It said: {failure.Message}";
    }
}
