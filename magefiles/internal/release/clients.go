package release

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	astragoci "github.com/xiilab/astrago-ci"
	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/deployment"
	"github.com/xiilab/astrago-ci/magefiles/internal/output"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/procgroup"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/auth"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// clients are made when they are first needed: a build needs no deployment token. Who needs one first may be one of several
// that ask at once.
type clients struct {
	mu         sync.Mutex
	keychain   *auth.Keychain
	registry   *registry.Client
	deployment *deployment.Client
	ancestry   *ancestry
	charts     *charts
	files      *worktree.Tree
	keys       *keys
	bases      *baseImages
}

// keychain offers the registry's token to the registries that the plan's images live in (without a plan, those of the
// configuration), and to no other.
func (s *session) keychain() *auth.Keychain {
	s.clients.mu.Lock()
	defer s.clients.mu.Unlock()
	return s.ownKeychain()
}

// ownKeychain is keychain for who has the lock.
func (s *session) ownKeychain() *auth.Keychain {
	if s.clients.keychain == nil {
		token := auth.Token{
			Hosts:    []string{registryHost(s.vars)},
			User:     cmp.Or(s.vars.Get(vars.RegistryUser), s.vars.Get(vars.Actor)),
			Secret:   s.vars.Get(vars.RegistryToken),
			Name:     string(vars.RegistryToken),
			HostName: string(vars.RegistryHost),
		}
		s.clients.keychain = auth.NewKeychain(s.vars.Get(vars.DockerConfig), token)
		s.clients.keychain.HideIn(s.redact)
	}
	return s.clients.keychain
}

// repositories are those of the plan's images; without a plan, of the configuration's.
func (s *session) repositories() []string {
	var all []string
	switch {
	case s.plan != nil:
		for _, image := range s.plan.Images {
			all = append(all, image.Repository)
		}
	case s.config != nil:
		for _, component := range s.config.Components {
			all = append(all, component.Image)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// registryHost is the one registry that GHCR_TOKEN is for. Others, whatever astrago.yaml names, have docker's logins.
func registryHost(v vars.Vars) string {
	host := cmp.Or(v.Get(vars.RegistryHost), "ghcr.io")
	return strings.TrimSuffix(strings.TrimPrefix(host, "https://"), "/")
}

func (s *session) registry() *registry.Client {
	s.clients.mu.Lock()
	defer s.clients.mu.Unlock()
	if s.clients.registry == nil {
		pushes := slices.Contains([]report.Command{report.CommandPush, report.CommandRelease, report.CommandPromote}, s.report.Command)
		s.clients.registry = registry.New(registry.Options{Keychain: s.ownKeychain(), Push: pushes})
	}
	return s.clients.registry
}

func (s *session) deployment() (*deployment.Client, error) {
	s.clients.mu.Lock()
	defer s.clients.mu.Unlock()
	if s.clients.deployment != nil {
		return s.clients.deployment, nil
	}
	options := s.gitHub(vars.DeployToken)
	if s.plan != nil {
		options.Formerly = s.plan.Formerly
	}
	client, err := deployment.New(options)
	if err != nil {
		return nil, err
	}
	s.clients.deployment = client
	return client, nil
}

// gitHub is how to reach GitHub with one of the tokens.
func (s *session) gitHub(token vars.Name) deployment.Options {
	return deployment.Options{
		APIURL:    cmp.Or(s.vars.Get(vars.APIURL), "https://api.github.com"),
		Token:     s.vars.Get(token),
		UserAgent: "astrago-ci/" + astragoci.Version(),
		Notice:    s.console.Note,
	}
}

// connect finds BuildKit daemons or starts one.
func (s *session) connect(ctx context.Context, stage *report.Stage) ([]*build.Connection, error) {
	o, err := s.connectOptions(stage)
	if err != nil {
		return nil, err
	}
	return build.ConnectAll(ctx, o)
}

// connectOptions is where this machine's BuildKit daemons are, and how one of our own is kept.
func (s *session) connectOptions(stage *report.Stage) (o build.ConnectOptions, err error) {
	o = build.ConnectOptions{
		Host:        s.vars.Get(vars.BuildKitHost),
		TLS:         build.TLS{CA: s.vars.Get(vars.BuildKitCA), Cert: s.vars.Get(vars.BuildKitCert), Key: s.vars.Get(vars.BuildKitKey)},
		Docker:      true,
		DockerImage: s.vars.Get(vars.BuildKitImage),
		Sockets:     build.LocalSockets(s.vars.Get(vars.RuntimeDir)),
		ToolsDir:    s.toolsDir,
		Say:         func(format string, args ...any) { fmt.Fprintf(stage.Writer(), format+"\n", args...) },
	}
	if o.CacheDir, err = s.cacheDir(); err != nil {
		return o, err
	}
	o.Daemon, err = s.daemon()
	return o, err
}

// toolsDir is where the modules of the tools are: beside the sources that this binary was compiled from, in the
// application's own ci/ when those are gone, as another clone has compiled them, or where Go finds them.
func (s *session) toolsDir(ctx context.Context) (string, error) {
	root := "."
	if s.plan != nil {
		root = s.plan.Commit.Root
	}
	for _, dir := range []string{astragoci.SourceDir(), filepath.Join(root, "ci")} {
		tools := filepath.Join(dir, "scripts", "tools")
		if info, err := os.Stat(tools); dir != "" && err == nil && info.IsDir() {
			return tools, nil
		}
	}
	list := procgroup.Command(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/xiilab/astrago-ci")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		return "", problem.New(problem.Failed, "git submodule update --init, then run the command again", "finding the sources of astrago-ci, which pin its tools: %w", err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "scripts", "tools"), nil
}

// runURL is the page of the workflow run, empty outside of one.
func (s *session) runURL() string {
	repository, id := s.vars.Get(vars.Repository), s.vars.Get(vars.RunID)
	if repository == "" || id == "" {
		return ""
	}
	return cmp.Or(s.vars.Get(vars.ServerURL), "https://github.com") + "/" + repository + "/actions/runs/" + id
}

// cacheDir is where tools and the build cache are kept, shared by all repositories of a user.
func (s *session) cacheDir() (string, error) {
	base := s.vars.Get(vars.CacheHome)
	if base == "" {
		var err error
		if base, err = os.UserCacheDir(); err != nil {
			return "", fmt.Errorf("finding the user's cache: %w", err)
		}
	}
	return filepath.Join(base, "astrago-ci"), nil
}

// outputPath is a directory of what the run leaves.
func (s *session) outputPath(name string) string {
	return filepath.Join(s.plan.Commit.Root, output.Name, name)
}

func (s *session) layout() string { return s.outputPath(output.Images) }
