// Package procgroup is the one way to start a child process. A child gets the variables that its program is known to read and
// no others, so that no token of a release reaches it; a test of the rooms holds that no other package starts one.
package procgroup

import (
	"context"
	"os"
	"os/exec"
	"strconv"
)

// Command returns a command of a program by name or path. Its environment holds what Environ allows that program; the caller
// may append to Env. The end of ctx kills the program itself, not what it has started: see EndWhole.
func Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = Environ(name)
	return cmd
}

// safeSettings are settings that keep git from running a program which it does not need to answer, because a build step may have
// written into the repository's configuration. How it reaches a remote and what converts files (ssh, credential helpers,
// filters) it does need. Git hands them on to the git that it starts in submodules.
var safeSettings = [][2]string{
	{"core.fsmonitor", "false"},
	{"core.hooksPath", os.DevNull},
	{"protocol.ext.allow", "never"},
	{"log.showSignature", "false"},
	{"core.alternateRefsCommand", "true"},
}

// Git returns a git command in a directory. git answers for the repository that it is asked in, so the directory is always
// given. It reads the configuration of the system, the user and the repository as the git does that wrote the working tree:
// what any of them converts, another git would take for a change, or would not see.
func Git(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := Command(ctx, "git", append([]string{"-C", dir}, args...)...)
	// A background fetch or an optional index refresh must not take locks that the developer's own git wants.
	// What replaces objects in this clone (git-replace(1)) is in no other.
	cmd.Env = append(cmd.Env, "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C", "GIT_NO_REPLACE_OBJECTS=1")
	cmd.Env = append(cmd.Env, gitSettings(safeSettings...)...)
	return cmd
}

// gitSettings are configuration that overrides every file (git-config(1), GIT_CONFIG_COUNT).
func gitSettings(settings ...[2]string) []string {
	pairs := []string{"GIT_CONFIG_COUNT=" + strconv.Itoa(len(settings))}
	for i, setting := range settings {
		pairs = append(pairs, "GIT_CONFIG_KEY_"+strconv.Itoa(i)+"="+setting[0], "GIT_CONFIG_VALUE_"+strconv.Itoa(i)+"="+setting[1])
	}
	return pairs
}

// Shell returns a command that runs a line of `sh` in a directory, with environ as its whole environment. The end of ctx ends
// it with everything that it started.
func Shell(ctx context.Context, dir, line string, environ []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "sh", "-c", line)
	cmd.Dir, cmd.Env = dir, environ
	EndWhole(cmd)
	return cmd
}

// Daemon returns a command that outlives every context, with environ beside what any program may read.
func Daemon(args []string, environ ...string) *exec.Cmd {
	cmd := exec.Command(args[0], args[1:]...) //nolint:noctx // it outlives the context that asks for it
	cmd.Env = append(Environ(args[0]), environ...)
	return cmd
}
