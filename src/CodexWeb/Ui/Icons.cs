namespace CodexWeb.Ui;

/// <summary>The drawn icons, each a stroke on a grid of 16 by 16.</summary>
public static class Icons
{
    public const string Plus = "M8 3.5v9M3.5 8h9";
    public const string Search = "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.5 10.5 14 14";
    public const string Sidebar = "M2.5 3.5h11v9h-11zM6 3.5v9";
    public const string Menu = "M2.5 4.5h11M2.5 8h11M2.5 11.5h11";
    public const string Close = "m4 4 8 8M12 4l-8 8";
    public const string Check = "m3 8.5 3.2 3.2L13 4.8";
    public const string Down = "m4 6 4 4 4-4";
    public const string Right = "m6 4 4 4-4 4";
    public const string Copy = "M5.5 5.5h7v7h-7zM10.5 5.5v-2h-7v7h2";
    public const string Stop = "M4.5 4.5h7v7h-7z";
    public const string Play = "M5 3.5v9l7-4.5z";
    public const string Branch = "M4.5 5.5v5M4.5 5.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3ZM4.5 13.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3ZM11.5 6.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3ZM11.5 6.5c0 2.5-3 2.5-5.6 4.4";
    public const string Repository = "M3.5 13V3.5a1 1 0 0 1 1-1h8v9h-8a1 1 0 0 0 0 2h8v-2M6.5 5h3.5";
    public const string Model = "M8 2v2M8 12v2M2 8h2M12 8h2M4.5 4.5h7v7h-7zM6.5 6.5h3v3h-3z";
    public const string Attempts = "m8 2.5 5.5 3L8 8.5l-5.5-3zM2.5 8 8 11l5.5-3M2.5 10.5 8 13.5l5.5-3";
    public const string Edit = "M3 13h2.5L13 5.5 10.5 3 3 10.5zM9 4.5 11.5 7";
    public const string Archive = "M2.5 3.5h11v3h-11zM3.5 6.5v6h9v-6M6.5 9h3";
    public const string Trash = "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.5 9h6l.5-9";
    public const string ArrowUp = "M8 13V3.5M4 7.5l4-4 4 4";
    public const string ArrowDown = "M8 3v9.5M4 8.5l4 4 4-4";
    public const string Settings = "M8 10.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4ZM8 2v1.6M8 12.4V14M2 8h1.6M12.4 8H14M3.8 3.8l1.1 1.1M11.1 11.1l1.1 1.1M12.2 3.8l-1.1 1.1M4.9 11.1l-1.1 1.1";
    public const string Sun = "M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6ZM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9";
    public const string Moon = "M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5Z";
    public const string Screen = "M2.5 3h11v7.5h-11zM6 13.5h4M8 10.5v3";
    public const string Keyboard = "M1.5 4.5h13v7h-13zM4 7h.01M6.5 7h.01M9 7h.01M11.5 7h.01M5 9.5h6";
    public const string Clock = "M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11ZM8 5v3.2l2 1.3";
    public const string File = "M4 2.5h5l3 3v8H4zM9 2.5v3h3";
    public const string List = "M5.5 4.5h8M5.5 8h8M5.5 11.5h8M2.5 4.5h.01M2.5 8h.01M2.5 11.5h.01";
    public const string Warning = "M8 3 1.8 13.5h12.4zM8 6.8v3.2M8 11.8h.01";
    public const string Expand = "M9.5 2.5h4v4M6.5 13.5h-4v-4M13.5 2.5 9 7M2.5 13.5 7 9";
    public const string Open = "M6.5 3.5h-3v9h9v-3M9 3.5h3.5V7M12.5 3.5 7.5 8.5";
    public const string Send = "M8 13V3.5M4 7.5l4-4 4 4";
    public const string Rewind = "M7.5 4 3.5 8l4 4M12.5 4l-4 4 4 4";
    public const string Again = "M13 3.5v3.2H9.8M12.8 6.5A5.2 5.2 0 1 0 13.2 9";
    public const string Code = "M5.5 4.5 2 8l3.5 3.5M10.5 4.5 14 8l-3.5 3.5";
    public const string Question = "M6 6a2 2 0 1 1 2.6 1.9c-.4.2-.6.5-.6.9v.7M8 11.8h.01";
    public const string Review = "M2.5 3.5h11v7h-6l-2.5 2.5v-2.5H2.5zM5.5 7l1.6 1.6L10.5 5.6";
    public const string Attach = "M13 7.5 7.8 12.7a3 3 0 0 1-4.3-4.3l5.4-5.3a2 2 0 0 1 2.9 2.8L6.6 11a1 1 0 0 1-1.4-1.4l4.6-4.6";
    public const string Image = "M2.5 3.5h11v9h-11zM2.5 11l3-3 2.5 2.5 2.5-3 3 3.5M6 6.5h.01";
    public const string Environment = "M8 2.2 13.5 5v6L8 13.8 2.5 11V5zM2.5 5 8 7.8 13.5 5M8 7.8v6";
    public const string Logo = "M5.6 4 2 8l3.6 4M10.4 4 14 8l-3.6 4";
}
