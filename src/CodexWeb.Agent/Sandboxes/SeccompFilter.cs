using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace CodexWeb.Agent.Sandboxes;

/// <summary>
/// The system calls a sandbox may not make, as a classic BPF program for <c>bwrap --seccomp</c>: what reaches far into the kernel and no build or test needs,
/// what looks into other processes, and every way to new namespaces and mounts.
/// </summary>
/// <remarks>Source of the format: <c>seccomp(2)</c>, <c>linux/filter.h</c>, <c>linux/seccomp.h</c>.</remarks>
internal static class SeccompFilter
{
    private const ushort LoadWord = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort JumpIfAtLeast = 0x35;
    private const ushort JumpIfAnyBit = 0x45;
    private const ushort Return = 0x06;

    private const uint Allow = 0x7fff_0000;
    private const uint KillProcess = 0x8000_0000;
    private const uint FailWith = 0x0005_0000;
    private const uint NotPermitted = FailWith | 1;
    private const uint NotImplemented = FailWith | 38;
    private const uint NoSuchFamily = FailWith | 97;

    private const uint NumberOffset = 0;
    private const uint ArchitectureOffset = 4;

    // CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. NEWTIME shares its bit with clone's exit signal and exists for unshare alone.
    private const uint NewNamespaces = 0x7e02_0000;
    private const uint NewTimeNamespace = 0x80;

    private const uint PushTerminalInput = 0x5412; // TIOCSTI
    private const uint ControlVirtualConsole = 0x541c; // TIOCLINUX

    private const uint UnixFamily = 1;
    private const uint InternetFamily = 2;
    private const uint Internet6Family = 10;
    private const uint NetlinkFamily = 16;
    private const uint RouteProtocol = 0;

    /// <summary>The program for an architecture.</summary>
    /// <returns>Null where the table of system calls is not known.</returns>
    internal static byte[]? Build(Architecture architecture) => architecture switch
    {
        Architecture.X64 => Build(SystemCalls.X64),
        Architecture.Arm64 => Build(SystemCalls.Arm64),
        _ => null,
    };

    private static byte[] Build(SystemCalls calls)
    {
        List<Instruction> program =
        [
            new(LoadWord, ArchitectureOffset),
            new(JumpIfEqual, calls.AuditArchitecture, WhenTrue: 1),
            new(Return, KillProcess),
            new(LoadWord, NumberOffset),
            // The x32 numbers would be a second door to every call of x86-64; no other architecture has numbers this high.
            new(JumpIfAtLeast, 0x4000_0000, WhenFalse: 1),
            new(Return, KillProcess),
        ];
        foreach (var number in calls.Denied)
        {
            program.AddRange([new(JumpIfEqual, number, WhenFalse: 1), new(Return, NotPermitted)]);
        }

        // Its flags lie in memory, out of a filter's sight; C libraries fall back to clone.
        program.AddRange([new(JumpIfEqual, calls.Clone3, WhenFalse: 1), new(Return, NotImplemented)]);
        AddRule(program, calls.Clone, [LoadArgument(0), new(JumpIfAnyBit, NewNamespaces, WhenFalse: 1), new(Return, NotPermitted)]);
        AddRule(program, calls.Unshare, [LoadArgument(0), new(JumpIfAnyBit, NewNamespaces | NewTimeNamespace, WhenFalse: 1), new(Return, NotPermitted)]);
        AddRule(program, calls.Ioctl,
        [
            LoadArgument(1),
            new(JumpIfEqual, PushTerminalInput, WhenTrue: 1),
            new(JumpIfEqual, ControlVirtualConsole, WhenFalse: 1),
            new(Return, NotPermitted),
        ]);
        // Changing the limits of another process could starve the supervisor.
        AddRule(program, calls.ResourceLimit, [LoadArgument(0), new(JumpIfEqual, 0, WhenTrue: 1), new(Return, NotPermitted)]);
        AddRule(program, calls.Socket, SocketFamilies);
        AddRule(program, calls.SocketPair, SocketFamilies);
        program.Add(new(Return, Allow));
        return Encode(program);
    }

    private static Instruction[] SocketFamilies =>
    [
        LoadArgument(0),
        new(JumpIfEqual, UnixFamily, WhenTrue: 6),
        new(JumpIfEqual, InternetFamily, WhenTrue: 5),
        new(JumpIfEqual, Internet6Family, WhenTrue: 4),
        new(JumpIfEqual, NetlinkFamily, WhenFalse: 2),
        LoadArgument(2),
        new(JumpIfEqual, RouteProtocol, WhenTrue: 1),
        new(Return, NoSuchFamily),
    ];

    /// <summary>Adds what is done for one call only; falling out of the rule allows the call.</summary>
    private static void AddRule(List<Instruction> program, uint number, Instruction[] rule)
    {
        program.Add(new(JumpIfEqual, number, WhenFalse: (byte)(rule.Length + 1)));
        program.AddRange(rule);
        program.Add(new(Return, Allow));
    }

    /// <summary>Loads the low half of an argument, which is all the kernel looks at for flags, commands and families.</summary>
    private static Instruction LoadArgument(uint index) => new(LoadWord, 16 + (8 * index));

    private static byte[] Encode(List<Instruction> program)
    {
        var bytes = new byte[program.Count * 8];
        for (var i = 0; i < program.Count; i++)
        {
            var target = bytes.AsSpan(i * 8, 8);
            BinaryPrimitives.WriteUInt16LittleEndian(target, program[i].Code);
            target[2] = program[i].WhenTrue;
            target[3] = program[i].WhenFalse;
            BinaryPrimitives.WriteUInt32LittleEndian(target[4..], program[i].Value);
        }

        return bytes;
    }

    /// <summary>One BPF instruction; the jumps count the instructions to skip.</summary>
    private readonly record struct Instruction(ushort Code, uint Value, byte WhenTrue = 0, byte WhenFalse = 0);
}
