package scaffold_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold"
)

// checkout writes a repository's files to a directory.
func checkout(t *testing.T, f scaffold.Facts) scaffold.Facts {
	t.Helper()
	f.Root = t.TempDir()
	if err := os.CopyFS(f.Root, f.Tree); err != nil {
		t.Fatal(err)
	}
	return f
}

// standIn puts a program of that name alone on the PATH.
func standIn(t *testing.T, name, script string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("a shell script")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\nPATH=/usr/bin:/bin\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
}

// TestAttackBakeEnvironment looks at what a Bake file could write down: variables of the environment are its variables.
func TestAttackBakeEnvironment(t *testing.T) {
	f := checkout(t, shape(t, "testdata/shapes/bake-hcl-unread.txtar"))
	standIn(t, "docker", `printf '{"target":{"x":{"tags":["%s"]}}}' "$(env | cut -d= -f1 | sort | tr '\n' ' ')"`)
	for _, name := range []string{"DEPLOY_TOKEN", "DOCKER_AUTH_CONFIG", "DOCKER_PASSWORD", "BUILDX_TOKEN", "REGISTRY", "TAG"} {
		t.Setenv(name, "canary")
	}
	b := f.EvaluateBake(t.Context())
	if b.JSON == nil || !strings.Contains(string(b.JSON), "HOME") {
		t.Fatalf("%+v", b)
	}
	for _, name := range []string{"TOKEN", "DOCKER_", "REGISTRY", "TAG"} {
		if strings.Contains(string(b.JSON), name) {
			t.Errorf("it can read %s: %s", name, b.JSON)
		}
	}
}

// TestEvaluateBakeSaysWhyItCannot, and init goes on without.
func TestEvaluateBakeSaysWhyItCannot(t *testing.T) {
	for name, test := range map[string]struct{ program, script, want string }{
		"no Docker":       {"other", "", "Docker Buildx is not installed here"},
		"no Buildx":       {"docker", "echo 'docker: unknown command: docker buildx' >&2; exit 1", "Docker Buildx is not installed here"},
		"an old Docker":   {"docker", "echo 'unknown flag: --print' >&2; exit 125", "Docker Buildx is not installed here"},
		"a wrong file":    {"docker-buildx", "printf '#1 reading\n%s\n' 'ERROR: docker-bake.hcl:3: Unsupported block' >&2; exit 1", "docker-bake.hcl:3: Unsupported block"},
		"no JSON":         {"docker", "echo done", "Docker Buildx answers something else than JSON"},
		"without an end":  {"docker", "exec yes", "the output of Docker Buildx is too long"},
		"of a terminal":   {"docker", `printf 'ERROR: \033]0;x\007bad\n' >&2; exit 1`, "bad"},
		"all by one name": {"docker", `case "$*" in *default*) exit 1;; esac; printf '{"group":{"default":{"targets":["api"]}},"target":{"api":{"context":"services/api"}}}'`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := checkout(t, shape(t, "testdata/shapes/bake-hcl-unread.txtar"))
			standIn(t, test.program, test.script)
			if f.Bake = f.EvaluateBake(t.Context()); !strings.Contains(f.Bake.Failure, test.want) || (f.Bake.Failure == "") != (test.want == "") {
				t.Errorf("failure %q, want %q", f.Bake.Failure, test.want)
			}
			l, err := scaffold.Detect(f, "")
			if err != nil {
				t.Fatal(err)
			}
			if text := l.Configuration(); strings.Contains(text, "not read: docker-bake.hcl") != (test.want != "") || strings.ContainsAny(text, "\033\007") {
				t.Errorf("%q", text)
			}
		})
	}
}
