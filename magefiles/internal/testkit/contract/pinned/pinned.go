// Package pinned keeps the third-party references of tests, published on npm: GitHub's descriptions of its two interfaces and an emulator
// of GitHub for the test doubles, axe-core for the HTML pages. Every version and content is pinned; Fetch brings them into the user's
// cache. The package links nothing beyond the standard library and the project's own, because the repository's chores import it.
package pinned

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Store is the directory that holds the fetched packages.
type Store struct{ dir string }

// In is the store within a cache directory of the project.
func In(cache string) Store { return Store{dir: filepath.Join(cache, "contract")} }

// User is the store that `mage test` fills and tests read.
func User() (Store, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return Store{}, fmt.Errorf("finding the user's cache: %w", err)
	}
	return In(filepath.Join(cache, "astrago-ci")), nil
}

// OpenAPI is the trimmed OpenAPI description of GitHub's REST interface.
func (s Store) OpenAPI() string {
	return filepath.Join(s.dir, "octokit-openapi-"+openAPIVersion, openAPIBase())
}

// GraphQL is the SDL of GitHub's public GraphQL schema.
func (s Store) GraphQL() string {
	return filepath.Join(s.dir, "octokit-graphql-schema-"+graphQLVersion, graphQLBase)
}

// Emulate is the directory in which Node resolves the npm package emulate.
func (s Store) Emulate() string { return filepath.Join(s.dir, "emulate-"+emulateVersion) }

// Node is the Node.js that runs emulate.
func (s Store) Node() string {
	return filepath.Join(s.Emulate(), "node_modules", nodePackage(), "bin", "node")
}

// HasDescriptions reports whether GitHub's two descriptions are there. What is there is whole: it was verified before it
// got its name.
func (s Store) HasDescriptions() bool { return exists(s.OpenAPI()) && exists(s.GraphQL()) }

// HasEmulate reports whether emulate and its Node.js are there, exactly as the lock file says.
func (s Store) HasEmulate() bool {
	lock, err := os.ReadFile(filepath.Join(s.Emulate(), lockName))
	return err == nil && bytes.Equal(lock, emulateLock) && exists(s.Node())
}

// EmulateRuns reports whether a Node.js for this machine is published as an npm package that we pin.
func EmulateRuns() bool {
	return runtime.GOOS == "linux" && (runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64")
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
