package buildkit_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
)

// sshTool runs a program of Debian's openssh-client. Without it the test is skipped, except under CI=true.
func sshTool(t *testing.T, environ []string, name string, args ...string) {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("CI") != "true" {
		t.Skip("openssh-client is not installed")
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Env = append(cmd.Environ(), environ...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", name, err, out)
	}
}

// keys makes two SSH keys and an agent that has both. It gives the agent's socket and the first key's file.
func keys(t *testing.T) (socket, key string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "ssh") //nolint:usetesting // the path of a socket is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket, key = filepath.Join(dir, "agent"), filepath.Join(dir, "key1")
	for _, name := range []string{"key1", "key2"} {
		sshTool(t, nil, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(dir, name))
	}
	agent := exec.CommandContext(t.Context(), "ssh-agent", "-D", "-a", socket)
	if err := agent.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = agent.Wait() })
	buildkitd.WaitFor(t, "the agent to listen", func() bool { _, err := os.Stat(socket); return err == nil })
	sshTool(t, []string{"SSH_AUTH_SOCK=" + socket}, "ssh-add", "-q", key, filepath.Join(dir, "key2"))
	return socket, key
}

func TestSSHMounts(t *testing.T) {
	r := newRepository(t)
	socket, key := keys(t)
	r.opts.LookupEnv = func(name string) (string, bool) { return socket, name == "SSH_AUTH_SOCK" }
	r.component("base", base+"RUN --mount=type=ssh,id=deploy agent && write /done "+key+"\n").SSH = []config.SSH{{ID: "deploy", Path: key}}
	core := r.component("core", "FROM base\nRUN --mount=type=ssh agent && write /core "+key+"\n")
	core.SSH, core.Needs = []config.SSH{{ID: "default"}}, []plan.Image{r.needed("base")}
	r.plan.Images = r.plan.Images[1:]
	r.must()
	for _, text := range []string{" agent with 1 keys\n", " agent with 2 keys\n"} {
		if strings.Count(r.output.String(), text) != 1 {
			t.Errorf("%q is not there once:\n%s", text, r.output.String())
		}
	}
}

// Nothing is asked of a daemon before all agents and keys are there.
func TestMissingSSHIsAProblem(t *testing.T) {
	r := newRepository(t)
	r.opts.Connect = forbidden
	r.write("broken", "no key\n")
	r.component("core", base)
	for _, tc := range []struct {
		ssh          config.SSH
		agent        string
		text, remedy string
	}{
		{config.SSH{ID: "default"}, "", "SSH_AUTH_SOCK is not set", "ssh-add"},
		{config.SSH{ID: "default"}, "/nowhere/agent", `"/nowhere/agent" does not exist`, "ssh-add"},
		{config.SSH{ID: "git", Path: "keys/id"}, "", `/keys/id" does not exist`, "components.core.ssh"},
		{config.SSH{ID: "git", Path: "broken"}, "", "no key found", "components.core.ssh"},
	} {
		r.plan.Images[0].SSH = []config.SSH{tc.ssh}
		r.opts.LookupEnv = func(string) (string, bool) { return tc.agent, tc.agent != "" }
		_, err := r.run()
		p := problem.As(err)
		if p == nil || p.Status != problem.Usage || !strings.Contains(p.Error(), tc.text) || !strings.Contains(p.Remedy, tc.remedy) {
			t.Errorf("%+v: got %v", tc.ssh, err)
		}
	}
}

func TestWhatIsBuiltTogetherAgreesOnIDs(t *testing.T) {
	r := newRepository(t)
	r.opts.Connect = forbidden
	r.write("one", "1")
	r.write("two", "2")
	base := r.component("base", base)
	base.Secrets = []config.Secret{{ID: "token", File: "one"}}
	core := r.component("core", "FROM base\n")
	core.Secrets, core.Needs = []config.Secret{{ID: "token", File: "two"}}, []plan.Image{r.needed("base")}
	_, err := r.run()
	if p := problem.As(err); p == nil || !strings.Contains(p.Error(), `"token" of component "base"`) || !strings.Contains(p.Error(), `in "core"`) {
		t.Errorf("got %v", err)
	}
}
