package attachable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/sshforward/sshprovider"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// agentVariable names the socket of the running SSH agent.
const agentVariable = "SSH_AUTH_SOCK"

// OpenSSH returns the agents and keys for the steps of a component that it and what it needs name; nil where they name none. Keys are
// read here, so that a missing one is known before anything is built. A step can sign with them, and never gets them.
func OpenSSH(img plan.Image, root string, lookup func(string) (string, bool)) (session.Attachable, error) {
	paths := map[string]string{}
	var agents []sshprovider.AgentConfig
	for _, owner := range img.WithNeeds() {
		for _, s := range owner.SSH {
			path, err := sshPath(s, root, lookup)
			taken, ok := paths[s.ID]
			if err == nil && ok && taken != path {
				err = fmt.Errorf("it is another one in %q, which is built with it", img.Component)
			}
			if err != nil {
				return nil, sshProblem(err, owner, s)
			}
			if !ok {
				paths[s.ID] = path
				agents = append(agents, sshprovider.AgentConfig{ID: s.ID, Paths: []string{path}})
			}
		}
	}
	if len(agents) == 0 {
		return nil, nil
	}
	return sshprovider.NewSSHAgentProvider(agents)
}

func sshPath(s config.SSH, root string, lookup func(string) (string, bool)) (string, error) {
	path := s.Path
	if path == "" && lookup != nil {
		path, _ = lookup(agentVariable)
	}
	if path == "" {
		return "", fmt.Errorf("no agent runs: %s is not set", agentVariable)
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(root, filepath.FromSlash(path))
	}
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%q does not exist", path)
	}
	if err == nil { // a key is read, and must be one
		_, err = sshprovider.NewSSHAgentProvider([]sshprovider.AgentConfig{{ID: s.ID, Paths: []string{path}}})
	}
	return path, err
}

func sshProblem(err error, img plan.Image, s config.SSH) error {
	remedy := fmt.Sprintf("start one and add the key: eval $(ssh-agent) && ssh-add\n"+
		"or name a key without passphrase: components.%s.ssh: [%s=PATH]", img.Component, s.ID)
	if s.Path != "" {
		remedy = fmt.Sprintf("write a socket or a private key without passphrase into components.%s.ssh in %s", img.Component,
			config.FileName)
	}
	return problem.New(problem.Usage, remedy, "opening the SSH agent %q of component %q: %w", s.ID, img.Component, err)
}
