//go:build linux

package procgroup_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/procgroup"
)

// victim makes this test binary play a release: it has a token in its environment, takes it out, and runs what a test says.
const victim = "ASTRAGO_TEST_VICTIM"

const token = "token-of-the-release-0123456789"

func TestMain(m *testing.M) {
	if attack := os.Getenv(victim); attack != "" {
		os.Exit(play(attack))
	}
	os.Exit(m.Run())
}

func play(attack string) int {
	environ, err := procgroup.Harden(func(name string) bool { return name == "DEPLOY_TOKEN" })
	if err != nil || !slices.Contains(environ, "DEPLOY_TOKEN="+token) {
		fmt.Fprintln(os.Stderr, "hardening:", err)
		return 1
	}
	cmd := exec.Command("sh", "-c", attack) // as a library would, with everything that this process has
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// attack runs the victim with an attacker as its child, and returns what the attacker has printed.
func attack(t *testing.T, line string, environ ...string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "BEFORE=1", "DEPLOY_TOKEN=" + token, "AFTER=2", victim + "=" + line}, environ...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// TestAttackEnvironment reads the release's token from each place where the environment shows, root's rights included.
func TestAttackEnvironment(t *testing.T) {
	for name, line := range map[string]string{
		"own":            "env",
		"parent's":       `tr '\0' '\n' </proc/$PPID/environ`,
		"ps":             `tr '\0' '\n' </proc/$PPID/cmdline; tr '\0' '\n' </proc/self/environ`,
		"all processes'": `for p in /proc/$PPID/task/*/environ; do tr '\0' '\n' <$p; done`,
	} {
		t.Run(name, func(t *testing.T) {
			got := attack(t, line+"; echo ended")
			if strings.Contains(got, token) {
				t.Errorf("the token shows:\n%s", got)
			}
			if !strings.Contains(got, "ended") {
				t.Errorf("the attack did not run: %s", got)
			}
		})
	}
	// What is no credential stays, before and behind.
	if got := attack(t, `tr '\0' '\n' </proc/$PPID/environ`); !strings.Contains(got, "BEFORE=1\n") || !strings.Contains(got, "AFTER=2\n") {
		t.Errorf("the environment shows:\n%s", got)
	}
}

// TestAttackDebugger asks the kernel whether another process of this user may read this one's memory.
func TestAttackDebugger(t *testing.T) {
	if os.Getenv(victim+"_DUMPABLE") == "" {
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestAttackDebugger$")
		cmd.Env = append(os.Environ(), victim+"_DUMPABLE=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
		return
	}
	if _, err := procgroup.Harden(func(string) bool { return false }); err != nil {
		t.Fatal(err)
	}
	if dumpable, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_GET_DUMPABLE, 0, 0); errno != 0 || dumpable != 0 {
		t.Errorf("dumpable is %d, %v", dumpable, errno)
	}
}

// TestAttackGitSettings writes what makes git run a program, where a build step can write it, and asks git as a release does.
func TestAttackGitSettings(t *testing.T) {
	dir, home := t.TempDir(), t.TempDir()
	planted := filepath.Join(home, "ran")
	script := filepath.Join(home, "x.sh")
	if err := os.WriteFile(script, []byte("#!/bin/sh\nenv >>"+planted+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	system := filepath.Join(home, "system")
	t.Setenv("HOME", home)
	t.Setenv("DEPLOY_TOKEN", token)
	t.Setenv("GIT_CONFIG_SYSTEM", system)
	t.Setenv("GIT_CONFIG_COUNT", "1")
	t.Setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
	t.Setenv("GIT_CONFIG_VALUE_0", script)
	git := func(args ...string) {
		t.Helper()
		if out, err := procgroup.Git(t.Context(), dir, args...).CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v: %s", args[0], err, out)
		}
	}
	git("init", "-q")
	hooks := filepath.Join(dir, ".git", "hooks")
	if err := os.MkdirAll(hooks, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, hook := range []string{"post-index-change", "post-checkout", "pre-commit"} {
		if err := os.Symlink(script, filepath.Join(hooks, hook)); err != nil {
			t.Fatal(err)
		}
	}
	for _, where := range []string{"--local", "--global", "--system"} {
		git("config", where, "core.fsmonitor", script)
		git("config", where, "core.hooksPath", hooks)
	}
	if _, err := os.Stat(system); err != nil {
		t.Fatal(err)
	}
	git("config", "log.showSignature", "true")
	git("config", "gpg.program", script)
	git("config", "protocol.allow", "always")
	git("config", "core.alternateRefsCommand", script)
	if err := os.WriteFile(filepath.Join(dir, "a"), []byte("a"), 0o644); err != nil {
		t.Fatal(err)
	}
	git("add", "a")
	git("status", "--porcelain")
	git("update-index", "--refresh")
	git("log", "-1", "--format=%s", signed(t, dir))
	for _, remote := range []string{"ext::" + script, "short:x"} {
		git("config", "url.ext::"+script+" .insteadOf", "short:")
		if out, err := procgroup.Git(t.Context(), dir, "ls-remote", remote).CombinedOutput(); err == nil || !strings.Contains(string(out), "not allowed") {
			t.Errorf("%s: %v: %s", remote, err, out)
		}
	}
	// Another repository's objects are borrowed, and it is asked what it has.
	git("init", "-q", "other")
	git("-C", "other", "update-ref", "HEAD", signed(t, filepath.Join(dir, "other")))
	if err := os.WriteFile(filepath.Join(dir, ".git", "objects", "info", "alternates"), []byte(filepath.Join(dir, "other", ".git", "objects")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	git("init", "-q", "third")
	git("-C", "third", "update-ref", "HEAD", signed(t, filepath.Join(dir, "third"), "more"))
	git("fetch", "-q", filepath.Join(dir, "third"), "HEAD")
	// git looks into a submodule by another git.
	git("init", "-q", "sub")
	git("-C", "sub", "update-ref", "HEAD", signed(t, filepath.Join(dir, "sub")))
	git("-C", "sub", "config", "core.fsmonitor", script)
	git("-c", "advice.addEmbeddedRepo=false", "add", "sub")
	git("status", "--porcelain", "--ignore-submodules=none")
	if ran, err := os.ReadFile(planted); err == nil {
		t.Errorf("git ran the planted program:\n%s", ran)
	}
}

// signed writes a commit that says it is signed, and returns its id.
func signed(t *testing.T, dir string, more ...string) string {
	t.Helper()
	const who = "a <a@example.com> 1700000000 +0000"
	tree, err := procgroup.Git(t.Context(), dir, "write-tree").Output()
	if err != nil {
		t.Fatal(err)
	}
	cmd := procgroup.Git(t.Context(), dir, "hash-object", "-t", "commit", "-w", "--stdin")
	cmd.Stdin = strings.NewReader("tree " + strings.TrimSpace(string(tree)) + "\nauthor " + who + "\ncommitter " + who +
		"\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\nsubject\n" + strings.Join(more, "\n"))
	id, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(id))
}

// TestAttackInheritance starts every program that targets start, as they do, with a token in the environment.
func TestAttackInheritance(t *testing.T) {
	bin := t.TempDir()
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	for _, name := range []string{"DEPLOY_TOKEN", "GHCR_TOKEN", "GITHUB_TOKEN", "ARGOCD_AUTH_TOKEN", "AWS_SECRET_ACCESS_KEY", "ASTRAGO_NOTIFY_URLS", "NPM_TOKEN"} {
		t.Setenv(name, token)
	}
	for _, name := range []string{"git", "docker", "podman", "apt-get", "go", "helm", "helmfile", "another"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\nenv\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		out, err := procgroup.Command(t.Context(), name).Output()
		if err != nil || bytes.Contains(out, []byte(token)) || !bytes.Contains(out, []byte("PATH=")) {
			t.Errorf("%s: %v:\n%s", name, err, out)
		}
	}
	if out, err := procgroup.Daemon([]string{filepath.Join(bin, "another")}, "OWN=1").Output(); err != nil || bytes.Contains(out, []byte(token)) || !bytes.Contains(out, []byte("OWN=1")) {
		t.Errorf("daemon: %v:\n%s", err, out)
	}
}
