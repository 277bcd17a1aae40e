// Package stack starts everything that a release talks to, on this machine: a registry that asks for tokens, a GitHub with
// the deployment repository, and the example applications with their base image. The demo and the benchmarks run on it.
package stack

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/baseimage"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// user is the account of the registry.
const user = "demo"

// ErrRunning says that a stack with its state in the same directory runs.
var ErrRunning = errors.New("another one runs there")

// Stack is running. Its state survives in its directory, so that a second one there finds the first one's work.
type Stack struct {
	Registry *registry.Server
	GitHub   *github.Server
	Bare     string // directory of the deployment repository

	dir           string
	base          string // reference of the base image
	registryToken string
	deployToken   string
}

// Start starts the stack with its state in dir; tools, such as the base image's binary, are kept in bin.
func Start(ctx context.Context, dir, bin string) (*Stack, error) {
	s := &Stack{dir: dir, registryToken: rand.Text(), deployToken: rand.Text()}
	if err := s.startRegistry(ctx); err != nil {
		return nil, err
	}
	if err := errors.Join(s.pushBase(ctx, bin), s.startGitHub(ctx)); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// startRegistry takes the port of the run before: it is part of the images' names. Where another program has that port by now, the whole
// stack starts over.
func (s *Stack) startRegistry(ctx context.Context) (err error) {
	options := registry.Options{Dir: filepath.Join(s.dir, "registry")}
	file := filepath.Join(s.dir, "port")
	if text, err := os.ReadFile(file); err == nil {
		options.Port, _ = strconv.Atoi(strings.TrimSpace(string(text)))
	}
	if options.Port != 0 {
		s.Registry, err = registry.Start(options)
	}
	if err != nil && answers(ctx, options.Port) {
		return problem.New(problem.Failed, "end it with Ctrl-C", "starting the stack in %q: %w", s.dir, ErrRunning)
	}
	if s.Registry == nil {
		if s.Registry, err = s.startAnew(options); err != nil {
			return err
		}
	}
	s.Registry.AddUser(user, s.registryToken, registry.Grant{Repository: example.Owner + "/*", Push: true})
	_, port, _ := strings.Cut(s.Registry.Addr(), ":")
	return os.WriteFile(file, []byte(port+"\n"), 0o644)
}

// answers reports whether a registry listens on the port.
func answers(ctx context.Context, port int) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/v2/", port), nil)
	if err != nil {
		return false
	}
	response, err := (&http.Client{Timeout: time.Second}).Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.Header.Get("WWW-Authenticate") != ""
}

func (s *Stack) startAnew(options registry.Options) (*registry.Server, error) {
	if err := os.RemoveAll(s.dir); err != nil {
		return nil, fmt.Errorf("removing the state of an earlier demo: %w", err)
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return nil, fmt.Errorf("creating the demo's directory: %w", err)
	}
	options.Port = 0
	return registry.Start(options)
}

// pushBase makes the image that the examples start from, out of one static binary: nothing is pulled from anywhere.
func (s *Stack) pushBase(ctx context.Context, bin string) error {
	binary, err := baseimage.Binary(ctx, bin)
	if err != nil {
		return err
	}
	image, err := baseimage.Image(binary)
	if err != nil {
		return err
	}
	s.base = s.Registry.Addr() + "/" + example.Owner + "/base:1"
	_, err = registry.Push(ctx, s.base, image, user, s.registryToken)
	return err
}

func (s *Stack) startGitHub(ctx context.Context) (err error) {
	if s.GitHub, err = githubd.Start(ctx, github.Options{Dir: filepath.Join(s.dir, "github")}); err != nil {
		return err
	}
	if s.Bare, err = s.GitHub.OpenRepository(example.Deployment, example.Branch); errors.Is(err, fs.ErrNotExist) {
		s.Bare, err = s.createDeployment(ctx)
	}
	if err != nil {
		return err
	}
	s.GitHub.Grant(s.deployToken, example.Deployment, github.Permissions{Contents: github.Write})
	return nil
}

func (s *Stack) createDeployment(ctx context.Context) (string, error) {
	values, err := example.Values()
	if err != nil {
		return "", err
	}
	return s.GitHub.CreateRepository(ctx, example.Deployment, example.Branch, map[string][]byte{example.ValuesPath: values})
}

// Application returns the directory of an example application. It is made once, and appears when it is whole.
func (s *Stack) Application(ctx context.Context, application string) (string, error) {
	dir := filepath.Join(s.dir, application)
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return dir, err
	}
	partial := dir + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return "", fmt.Errorf("creating %s: %w", application, err)
	}
	if err := example.Create(ctx, partial, application, example.Parameters{Registry: s.Registry.Addr(), Base: s.base}); err != nil {
		return "", err
	}
	return dir, os.Rename(partial, dir)
}

// Deployment creates a deployment repository of its own, which the stack's token may write.
func (s *Stack) Deployment(ctx context.Context, name string, files map[string][]byte) error {
	if _, err := s.GitHub.CreateRepository(ctx, name, example.Branch, files); err != nil {
		return err
	}
	s.GitHub.Grant(s.deployToken, name, github.Permissions{Contents: github.Write})
	return nil
}

// RepositoriesDir returns the directory in which GitHub keeps its repositories, as owner/name.git.
func (s *Stack) RepositoriesDir() string { return filepath.Join(s.dir, "github") }

// Adopt has GitHub serve a repository, which is made where it is missing, and lets the stack's token write it.
func (s *Stack) Adopt(ctx context.Context, name string) error {
	if !strings.EqualFold(name, example.Deployment) {
		_, err := s.GitHub.OpenRepository(name, "main")
		if errors.Is(err, fs.ErrNotExist) {
			_, err = s.GitHub.CreateRepository(ctx, name, "main", nil)
		}
		if err != nil {
			return err
		}
	}
	s.GitHub.Grant(s.deployToken, name, github.Permissions{
		Contents: github.Write, PullRequests: github.Write, Issues: github.Write, Statuses: github.Write, Deployments: github.Write,
	})
	return nil
}

// User is the account of the registry.
func (s *Stack) User() string { return user }

// Password is that of User.
func (s *Stack) Password() string { return s.registryToken }

// DeployToken is the token of GitHub.
func (s *Stack) DeployToken() string { return s.deployToken }

// Base is the reference of the base image.
func (s *Stack) Base() string { return s.base }

// Login writes a docker config.json with the registry's account into dir, for tools that read one.
func (s *Stack) Login(dir string) error {
	auth := base64.StdEncoding.EncodeToString([]byte(user + ":" + s.registryToken))
	config := fmt.Sprintf(`{"auths":{%q:{"auth":%q}}}`, s.Registry.Addr(), auth)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("writing a docker config: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, "config.json"), []byte(config), 0o600)
}

// Variables returns the variables that the targets read to use the stack.
func (s *Stack) Variables() []string {
	return []string{
		"GITHUB_API_URL=" + s.GitHub.URL(),
		"GHCR_HOST=" + s.Registry.Addr(),
		"GHCR_USER=" + user,
		"GHCR_TOKEN=" + s.registryToken,
		"DEPLOY_TOKEN=" + s.deployToken,
	}
}

// Environ is an environment with the stack's variables, and without those of a real workflow.
func (s *Stack) Environ(environ []string) []string {
	kept := slices.DeleteFunc(slices.Clone(environ), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return strings.HasPrefix(name, "GITHUB_") || strings.HasPrefix(name, "GHCR_") || name == "BUILDKIT_HOST" || name == "DEPLOY_TOKEN"
	})
	return append(kept, s.Variables()...)
}

// Close ends the servers; the state stays.
func (s *Stack) Close() error {
	var err error
	if s.GitHub != nil {
		err = s.GitHub.Close()
	}
	return errors.Join(err, s.Registry.Close())
}
