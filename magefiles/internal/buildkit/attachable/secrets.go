package attachable

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/moby/buildkit/session/secrets/secretsprovider"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/redact"
)

// Secrets are the values of one component's build secrets by id. They travel to the daemon over the session when a
// step mounts them, and nowhere else.
type Secrets map[string][]byte

// ReadSecrets reads the values of all secrets of a component and of what it needs, so that a missing one is known before
// anything is built.
func ReadSecrets(img plan.Image, root string, lookup func(string) (string, bool)) (Secrets, error) {
	values := Secrets{}
	for _, owner := range img.WithNeeds() {
		for _, s := range owner.Secrets {
			value, err := readSecret(s, root, lookup)
			if err == nil && len(value) > secretsprovider.MaxSecretSize {
				err = fmt.Errorf("it is %d bytes long, BuildKit takes %d", len(value), secretsprovider.MaxSecretSize)
			}
			if err != nil {
				return nil, problem.New(problem.Usage, secretRemedy(s), "reading build secret %q of component %q: %w", s.ID,
					owner.Component, err)
			}
			if taken, ok := values[s.ID]; ok && !bytes.Equal(taken, value) {
				return nil, problem.New(problem.Usage, "give one of them another id",
					"reading build secret %q of component %q: it has another value in %q, which is built with it",
					s.ID, owner.Component, img.Component)
			}
			values[s.ID] = value
		}
	}
	return values, nil
}

func readSecret(s config.Secret, root string, lookup func(string) (string, bool)) ([]byte, error) {
	if s.Env != "" {
		value, ok := "", false
		if lookup != nil {
			value, ok = lookup(s.Env)
		}
		if !ok || value == "" {
			return nil, fmt.Errorf("environment variable %s is not set", s.Env)
		}
		return []byte(value), nil
	}
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(s.File)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("file %q does not exist", s.File)
	}
	return data, err
}

func secretRemedy(s config.Secret) string {
	if s.Env != "" {
		return fmt.Sprintf("set %s; in a workflow: env: { %s: ${{ secrets.%s }} }", s.Env, s.Env, s.Env)
	}
	return fmt.Sprintf("create %s, or change the secret's file in %s", s.File, config.FileName)
}

// LearnSecrets declares the build secrets of images, as far as they can be read: commands that run before a build may print
// them.
func LearnSecrets(r *redact.Redactor, images []plan.Image, root string, lookup func(string) (string, bool)) {
	for _, image := range images {
		for _, owner := range image.WithNeeds() {
			for _, s := range owner.Secrets {
				if value, err := readSecret(s, root, lookup); err == nil {
					r.Add(string(value))
				}
			}
		}
	}
}

// Learn declares the secrets of builds.
func Learn(r *redact.Redactor, all ...Secrets) {
	for _, values := range all {
		for _, value := range values {
			r.Add(string(value))
		}
	}
}
