// Package example holds two small application repositories and the deployment repository that both write to, laid out as
// real ones are: a backend of three components with a compile step, a frontend with a multi-stage Dockerfile, and one
// values file with comments, blank lines and no final newline.
package example

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/template"
)

//go:embed files
var files embed.FS

// The names that the examples use. Branch has a slash, as real ones have.
const (
	Owner      = "acme"
	Branch     = "stabilize/1.0"
	Deployment = "acme/deployment"
	ValuesPath = "helmfile/environments/stage/values.yaml"
)

// Parameters fill in what depends on where an example runs.
type Parameters struct {
	Registry string // host:port of the registry that images go to
	Base     string // reference of the base image
}

// Values is the deployment repository's values file before the first release.
func Values() ([]byte, error) { return files.ReadFile("files/deployment/values.yaml") }

// Create writes the application (backend or frontend) into dir as a git repository with one commit on Branch, whose id
// is the same for the same parameters.
func Create(ctx context.Context, dir, application string, p Parameters) error {
	tree, err := fs.Sub(files, "files/"+application)
	if err != nil {
		return fmt.Errorf("finding example %q: %w", application, err)
	}
	err = fs.WalkDir(tree, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return write(tree, path, dir, p)
	})
	if err != nil {
		return fmt.Errorf("writing example %q: %w", application, err)
	}
	for _, args := range [][]string{
		{"init", "-q", "-b", Branch},
		{"remote", "add", "origin", "https://github.com/" + Owner + "/" + application + ".git"},
	} {
		if err := Git(ctx, dir, args...); err != nil {
			return err
		}
	}
	return Commit(ctx, dir, "first release of the "+application)
}

func write(tree fs.FS, path, dir string, p Parameters) error {
	data, err := fs.ReadFile(tree, path)
	if err != nil {
		return err
	}
	name := strings.Replace(path, "gitignore", ".gitignore", 1)
	if name == "astrago.yaml" {
		var filled bytes.Buffer
		parsed, err := template.New(name).Parse(string(data))
		if err != nil {
			return err
		}
		if err := parsed.Execute(&filled, p); err != nil {
			return err
		}
		data = filled.Bytes()
	}
	target := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	return os.WriteFile(target, data, 0o644)
}

// Commit records everything in dir, with an identity and dates of its own.
func Commit(ctx context.Context, dir, message string) error {
	if err := Git(ctx, dir, "add", "--all"); err != nil {
		return err
	}
	return Git(ctx, dir, "commit", "-q", "-m", message)
}

// Git runs git in dir without the user's and the system's configuration.
func Git(ctx context.Context, dir string, args ...string) error {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", dir}, args...)...)
	const date = "2026-01-02T03:04:05+09:00"
	cmd.Env = append(cmd.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=Kim Dev", "GIT_AUTHOR_EMAIL=dev@example.com", "GIT_AUTHOR_DATE="+date,
		"GIT_COMMITTER_NAME=Kim Dev", "GIT_COMMITTER_EMAIL=dev@example.com", "GIT_COMMITTER_DATE="+date)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("running git %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return nil
}
