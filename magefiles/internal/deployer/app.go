package deployer

import (
	"errors"
	"os"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/bounded"
	"github.com/xiilab/astrago-ci/magefiles/internal/credential"
	"github.com/xiilab/astrago-ci/magefiles/internal/github/app"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// App returns the GitHub App, nil where DEPLOY_TOKEN is used.
func (d *Deployer) App() (*app.App, error) {
	if !d.usesApp() {
		return nil, nil
	}
	d.once.Do(func() { d.app, d.err = d.newApp() })
	return d.app, d.err
}

func (d *Deployer) newApp() (*app.App, error) {
	id := d.options.AppID
	key, err := d.appKey()
	if err != nil {
		return nil, err
	}
	switch {
	case id == "":
		return nil, problem.New(problem.Usage, "set DEPLOY_APP_ID to the App ID or the Client ID of the App, or unset DEPLOY_APP_KEY",
			"reaching the deployment repository: DEPLOY_APP_KEY is set, and DEPLOY_APP_ID is not")
	case key == "":
		return nil, problem.New(problem.Usage, "set DEPLOY_APP_KEY to a private key of the App, or to its file, or unset DEPLOY_APP_ID",
			"reaching the deployment repository: DEPLOY_APP_ID is set, and DEPLOY_APP_KEY is not")
	}
	return app.New(app.Options{GitHub: d.options.GitHub, ID: id, Key: key, Hide: d.options.Hide})
}

// longestKey bounds the file of a key: one of 4096 bits has some 3 KB.
const longestKey = 64 << 10

// appKey returns the key, which is in the variable or in the file that it names. No message names the file: what stands in the
// variable may also be a key that lost its first line.
func (d *Deployer) appKey() (string, error) {
	value := d.options.AppKey
	if value == "" || strings.Contains(value, "-----BEGIN") {
		return value, nil
	}
	unreadable := func(err error) error {
		if path, ok := errors.AsType[*os.PathError](err); ok {
			err = path.Err
		}
		return problem.New(problem.Usage, "set DEPLOY_APP_KEY to the file of a private key of the App, or to its whole content",
			"reading DEPLOY_APP_KEY: it is not a private key in PEM, and as a file: %w", err)
	}
	data, err := bounded.ReadFile(value, longestKey)
	if err != nil {
		return "", unreadable(err)
	}
	d.options.Hide(string(data))
	return string(data), nil
}

// source returns the App's token for a repository.
func (d *Deployer) source(repository string) credential.Source {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := strings.ToLower(repository)
	if d.sources[key] == nil {
		d.sources[key] = d.app.Source(repository, d.Permissions(repository))
	}
	return d.sources[key]
}

// Permissions returns what the App's token for a repository may do: what the plan does there, and else to read.
func (d *Deployer) Permissions(repository string) app.Permissions {
	needed := app.Permissions{Contents: "read"}
	planned := d.options.Plan()
	if planned == nil {
		return needed
	}
	for _, target := range planned.Deployments {
		if !strings.EqualFold(target.Repository, repository) {
			continue
		}
		needed.Contents = "write"
		if target.PullRequest != nil {
			needed.PullRequests = "write"
			if len(target.PullRequest.Labels) > 0 {
				needed.Issues = "write"
			}
		}
	}
	return needed
}
