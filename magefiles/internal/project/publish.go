package project

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	gogithub "github.com/google/go-github/v62/github"

	astragoci "github.com/xiilab/astrago-ci"
	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/procgroup"
	"github.com/xiilab/astrago-ci/magefiles/internal/publish"
)

// Publish releases the commit that is checked out, as the workflow publish.yml does. GITHUB_TOKEN needs contents: write here;
// PUBLISH_TOKEN needs Contents, Pull requests and Workflows: read and write on the consumers, and Issues too for labels.
func Publish(ctx context.Context) error {
	c, err := openCheckout()
	if err != nil {
		return err
	}
	data, err := os.ReadFile(filepath.Join(c.dir, ".github", "consumers.yaml"))
	if err != nil {
		return fmt.Errorf("reading the consumers: %w", err)
	}
	o := publish.Options{Dir: c.dir, Version: astragoci.Version(), Say: c.say, Now: time.Now}
	if o.Targets, err = c.releasedTargets(ctx); err != nil {
		return err
	}
	if o.Consumers, err = publish.ParseConsumers(data); err != nil {
		return err
	}
	head, err := procgroup.Git(ctx, c.dir, "rev-parse", "HEAD").Output()
	if err != nil {
		return fmt.Errorf("finding the commit to publish: %w", err)
	}
	if o.Commit, err = commitid.Parse(strings.TrimSpace(string(head))); err != nil {
		return fmt.Errorf("finding the commit to publish: %w", err)
	}
	env := os.Getenv //nolint:forbidigo // these chores are no part of what consumers run
	o.Repository, o.Branch = cmp.Or(env("GITHUB_REPOSITORY"), "xiilab/astrago-ci"), cmp.Or(env("GITHUB_REF_NAME"), "main")
	if err := addClients(&o, c, env); err != nil {
		return err
	}
	return publish.Run(ctx, o)
}

// addClients adds those for this repository and for its consumers.
func addClients(o *publish.Options, c checkout, env func(string) string) (err error) {
	options := github.Options{
		APIURL: cmp.Or(env("GITHUB_API_URL"), "https://api.github.com"), UserAgent: "astrago-ci/" + o.Version,
		Notice: func(text string) { c.say("%s", text) },
	}
	if o.Own, err = newREST(options, env("GITHUB_TOKEN")); err != nil {
		return err
	}
	if o.Own == nil {
		return problem.New(problem.Usage, "set it to a token with Contents: read and write on "+o.Repository,
			"publishing %s: GITHUB_TOKEN is not set", o.Version)
	}
	if o.Others, err = newREST(options, env("PUBLISH_TOKEN")); err != nil {
		return err
	}
	// Releases take files at an address of their own, and a token travels to that of its client alone.
	options.APIURL = uploadsURL(options.APIURL)
	if o.Uploads, err = newREST(options, env("GITHUB_TOKEN")); err != nil {
		return err
	}
	o.Uploads.UploadURL = o.Uploads.BaseURL
	return nil
}

// newREST returns a client with a token, nil without one.
func newREST(o github.Options, token string) (*gogithub.Client, error) {
	if token == "" {
		return nil, nil //nolint:nilnil // no token, no client
	}
	o.Token = token
	client, err := github.New(o)
	if err != nil {
		return nil, fmt.Errorf("reaching GitHub: %w", err)
	}
	return client.REST(), nil
}
