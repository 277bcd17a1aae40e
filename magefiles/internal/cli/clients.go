package cli

import (
	"cmp"
	"strings"
	"sync"

	astragoci "github.com/xiilab/astrago-ci"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit"
	"github.com/xiilab/astrago-ci/magefiles/internal/deployer"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/inputs"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/redact"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/auth"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/hosts"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// Clients are made when they are first needed: a build needs no deployment token. They are safe for concurrent use: what needs one
// first may be one of several that ask at once.
type Clients struct {
	vars   vars.Vars
	redact *redact.Redactor
	note   func(string) // tells people
	pushes bool         // the registry's token is asked for the right to push

	onlyReads bool // as Env.OnlyReads

	project  *Project
	ancestry *ancestry
	deployer *deployer.Deployer

	mu         sync.Mutex
	keychain   *auth.Keychain
	machine    *hosts.Machine
	registry   *registry.Client
	deployment *gitops.Client
	files      *inputs.Files
	keys       *inputs.Keys
}

func newClients(env *Env) *Clients {
	c := &Clients{vars: env.Vars, redact: env.Redact, note: env.Console.Note, project: env.Project, onlyReads: env.OnlyReads()}
	c.pushes = env.Command.Pushes && !c.onlyReads
	c.ancestry = newAncestry(c)
	token := vars.DeployToken
	if c.onlyReads {
		token = vars.DeployReadToken
	}
	c.deployer = deployer.New(deployer.Options{
		GitHub: c.GitHub(token), Token: string(token), OnlyReads: c.onlyReads,
		AppID: c.vars.Get(vars.DeployAppID), AppKey: c.vars.Get(vars.DeployAppKey),
		Hide: func(secret string) { c.redact.Add(secret) },
		Plan: func() *plan.Plan { return c.project.Plan },
	})
	return c
}

// Keychain offers the registry's token to its own registry, and docker's logins to the others.
func (c *Clients) Keychain() *auth.Keychain {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lockedKeychain()
}

// lockedKeychain is Keychain for callers that hold the lock.
func (c *Clients) lockedKeychain() *auth.Keychain {
	if c.keychain == nil {
		token := auth.Token{
			Hosts:    []string{registryHost(c.vars)},
			User:     cmp.Or(c.vars.Get(vars.RegistryUser), c.vars.Get(vars.Actor)),
			Secret:   c.vars.Get(vars.RegistryToken),
			Name:     string(vars.RegistryToken),
			HostName: string(vars.RegistryHost),
		}
		tokens := append(auth.HostTokens(c.vars.ByHost(vars.HostToken), c.vars.ByHost(vars.HostUser)), token)
		c.keychain = auth.NewKeychain(c.vars.Get(vars.DockerConfig), tokens...)
		c.keychain.HideIn(c.redact)
	}
	return c.keychain
}

// Machine returns what this machine says of registries; nothing that the application's repository says counts.
func (c *Clients) Machine() *hosts.Machine {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lockedMachine()
}

// lockedMachine is Machine for callers that hold the lock.
func (c *Clients) lockedMachine() *hosts.Machine {
	if c.machine == nil {
		c.machine = hosts.New(c.vars.Get(vars.CertsDir), c.project.Root)
	}
	return c.machine
}

// registryHost returns the one registry that GHCR_TOKEN is for. Others, whatever astrago.yaml names, have docker's logins.
func registryHost(v vars.Vars) string {
	host := cmp.Or(v.Get(vars.RegistryHost), "ghcr.io")
	return strings.TrimSuffix(strings.TrimPrefix(host, "https://"), "/")
}

// Registry returns the client of the registries.
func (c *Clients) Registry() *registry.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.registry == nil {
		c.registry = registry.New(registry.Options{Keychain: c.lockedKeychain(), Machine: c.lockedMachine(), Push: c.pushes})
	}
	return c.registry
}

// Deployment returns the client of the deployment repositories.
func (c *Clients) Deployment() (*gitops.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.deployment != nil {
		return c.deployment, nil
	}
	reach, err := c.deployer.GitHub()
	if err != nil {
		return nil, err
	}
	options := gitops.Options{Options: reach}
	if c.project.Plan != nil {
		options.Formerly = c.project.Plan.Formerly
	}
	client, err := gitops.New(options)
	if err == nil {
		c.deployment = client
	}
	return client, err
}

// Deployer returns what speaks to the deployment repositories.
func (c *Clients) Deployer() *deployer.Deployer { return c.deployer }

// GitHub returns how to reach GitHub with one of the tokens.
func (c *Clients) GitHub(token vars.Name) github.Options {
	return github.Options{
		APIURL:    cmp.Or(c.vars.Get(vars.APIURL), "https://api.github.com"),
		Token:     c.vars.Get(token),
		Identity:  github.Identity{Name: string(token)},
		UserAgent: "astrago-ci/" + astragoci.Version(),
		Notice:    c.note,
	}
}

// Ancestry answers the order guard.
func (c *Clients) Ancestry() bump.Ancestry { return c.ancestry }

// Files returns the build contexts, which one tree reads for the whole run.
func (c *Clients) Files() *inputs.Files {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lockedFiles()
}

func (c *Clients) lockedFiles() *inputs.Files {
	if c.files == nil {
		cacheDir := c.worktreeCache
		if ci, _ := c.vars.Lookup("CI"); ci == "true" { // a fresh clone on a fresh machine
			cacheDir = nil
		}
		c.files = inputs.NewFiles(c.project.Root, c.project.Config, ownedPaths(c), cacheDir)
	}
	return c.files
}

// Keys returns what the images of the application's working tree are made of.
func (c *Clients) Keys() *inputs.Keys {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.keys == nil {
		// As a daemon pulls, and not asking for the right to push.
		bases := registry.New(registry.Options{Keychain: c.lockedKeychain(), Machine: c.lockedMachine(), Mirrors: true})
		options := identity.Options{
			Images: inputs.NewBaseImages(bases), Epoch: c.project.Plan.Created, Platform: inputs.HostPlatform(),
			Version: buildkit.KeyVersion,
		}
		preparation := inputs.NewPreparation(c.project.Root, c.project.Config, c.vars.ForCommands())
		c.keys = inputs.NewKeys(c.lockedFiles(), options, preparation)
	}
	return c.keys
}

// Matcher returns what finds out whether a published image is that of the plan's commit.
func (c *Clients) Matcher() inputs.SourceMatcher {
	return inputs.NewSourceMatcher(c.Registry(), c.Keys(), c.project.Plan)
}

// Guard returns what refuses to publish anything but the plan's commit.
func (c *Clients) Guard() inputs.Guard {
	return inputs.NewGuard(c.project.Plan, c.project.Root, c.Files(), c.Keys())
}

// close keeps for the next run what reading the files has cost.
func (c *Clients) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.files == nil {
		return
	}
	if err := c.files.Close(); err != nil {
		c.note("the next run reads all files again: " + err.Error())
	}
}
