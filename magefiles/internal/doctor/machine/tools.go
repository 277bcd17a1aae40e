// Package machine checks what a release meets on this machine, whatever it releases: tools, room, the clock.
package machine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
	"github.com/xiilab/astrago-ci/magefiles/internal/procgroup"
)

// Go checks that the Go which compiles the targets is there and as new as want, such as 1.26.0, or may fetch one that is. These
// targets run without it, where they were released.
func Go(ctx context.Context, want string) doctor.Finding {
	install := "install Go " + want + " or newer: https://go.dev/dl/"
	have, err := helperAnswer(ctx, []string{"GOTOOLCHAIN=local"}, "go", "env", "GOVERSION")
	if err != nil {
		return doctor.Finding{
			Status: doctor.Warn, Remedy: install,
			Text: "Go is missing, or does not run, and tools and targets of your own are compiled with it: " + err.Error(),
		}
	}
	if !isOlder(have, "go"+want) {
		return doctor.Finding{Status: doctor.OK, Text: have + ", the targets need " + want}
	}
	if mode, err := helperAnswer(ctx, nil, "go", "env", "GOTOOLCHAIN"); err != nil || strings.HasPrefix(mode, "local") {
		return doctor.Finding{Status: doctor.Warn, Text: fmt.Sprintf("%s is too old: the targets need %s, and GOTOOLCHAIN=local forbids "+
			"to fetch it", have, want), Remedy: install + "\nor: go env -w GOTOOLCHAIN=auto"}
	}
	return doctor.Finding{Status: doctor.Warn, Text: fmt.Sprintf("%s is older than %s, which Go fetches when it compiles the targets",
		have, want), Remedy: install}
}

// Git checks that git runs.
func Git(ctx context.Context) doctor.Finding {
	version, err := helperAnswer(ctx, nil, "git", "--version")
	if err != nil {
		return doctor.Finding{
			Status: doctor.Fail, Text: "git is missing, or does not run: " + err.Error(),
			Remedy: "install git (Debian, Ubuntu: apt-get install git)",
		}
	}
	return doctor.Finding{Status: doctor.OK, Text: strings.TrimPrefix(version, "git version ")}
}

// helperAnswer is a program's first line. It runs where no repository's or module's settings reach it. Go, which counts its uses
// in the user's configuration, is shown none to write to, and only where its settings are.
func helperAnswer(ctx context.Context, env []string, name string, args ...string) (string, error) {
	cmd := procgroup.Command(ctx, name, args...)
	cmd.Dir = os.TempDir()
	cmd.Env = append(append(cmd.Env, "GOWORK=off", "LC_ALL=C", "XDG_CONFIG_HOME="+os.DevNull), env...)
	named := slices.ContainsFunc(cmd.Env, func(pair string) bool { return strings.HasPrefix(pair, "GOENV=") })
	if dir, err := os.UserConfigDir(); err == nil && !named {
		cmd.Env = append(cmd.Env, "GOENV="+filepath.Join(dir, "go", "env"))
	}
	out, err := cmd.Output()
	line, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimSpace(line), err
}

// isOlder compares versions of Go such as go1.26.1 or go1.27rc1; what follows the numbers does not count.
func isOlder(have, want string) bool {
	a, b := versionNumbers(have), versionNumbers(want)
	for i := range b {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}

func versionNumbers(version string) (n [3]int) {
	for i, part := range strings.SplitN(strings.TrimPrefix(version, "go"), ".", len(n)) {
		digits := part[:len(part)-len(strings.TrimLeft(part, "0123456789"))]
		n[i], _ = strconv.Atoi(digits) // none is 0
	}
	return n
}
