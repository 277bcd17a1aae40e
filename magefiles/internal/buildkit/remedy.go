package buildkit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/distribution/reference"
	"github.com/moby/buildkit/solver/errdefs"
	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// BuildKit's errors carry no code for what went wrong; these are its texts (v0.34, source/containerimage,
// frontend/dockerfile/dockerfile2llb/convert.go, cache/contenthash/checksum.go).
var (
	missingFile   = regexp.MustCompile(`"(/[^"]*)": not found`)
	missingTarget = regexp.MustCompile(`target stage "?([^"\s]+)"? could not be found`)
	missingBase   = regexp.MustCompile(`failed to resolve source metadata for (\S+?):? |pull access denied|insufficient_scope|` +
		`failed to authorize|failed to fetch (anonymous|oauth) token`)
	blankBase        = regexp.MustCompile(`base name \(\$\{?([A-Za-z_][A-Za-z0-9_]*)[^)]*\) should not be blank`)
	copiedArgument   = regexp.MustCompile(`(?mi)>>> (?:COPY|ADD)\b.*?\$\{?([A-Za-z_][A-Za-z0-9_]*)`)
	plainArgument    = regexp.MustCompile(`(?mi)^[ \t]*ARG[ \t]+([A-Za-z_][A-Za-z0-9_]*)[ \t\r]*$`)
	failedPush       = regexp.MustCompile(`failed to push (\S+?): `)
	baseName         = regexp.MustCompile(`source metadata for (\S+): `)
	fromLine         = regexp.MustCompile(`(?m)>>> FROM\s+(?:--\S+\s+)*([^$\s]+)(?:\s|$)`)
	unauthorizedText = regexp.MustCompile(`40[13] |unauthorized|denied|insufficient_scope|failed to authorize|` +
		`fetch (anonymous|oauth) token`)
)

// remedyFor says what to do about a build that failed before any step did.
func (f failureExplainer) remedyFor(err error, img plan.Image, place problem.Place) string {
	text := err.Error()
	if name := f.missingArgument(text, img, place); name != "" {
		return fmt.Sprintf("set components.%s.args.%s in %s: ARG %[2]s of %[4]s has no default",
			img.Component, name, config.FileName, img.Dockerfile)
	}
	switch {
	case missingBase.MatchString(text):
		return f.baseRemedy(text, place)
	case missingTarget.MatchString(text):
		return fmt.Sprintf("set components.%s.target in %s to a stage of %s: %s", img.Component, config.FileName, img.Dockerfile,
			strings.Join(f.stageNames(img), ", "))
	case missingFile.MatchString(text):
		name := strings.TrimPrefix(missingFile.FindStringSubmatch(text)[1], "/")
		if f.files.IsNamedOnly(img.Context, name) {
			return fmt.Sprintf("write !%s into .dockerignore: what astrago-ci brings is left out of a whole context", name)
		}
		return fmt.Sprintf("check that %s exists below the build context %q and that no .dockerignore leaves it out", name, img.Context)
	}
	return fmt.Sprintf("repair %s; the full log is in %s", img.Dockerfile, f.displayPath(stepLogPath(f.logs, img.Component)))
}

// missingArgument is the build argument without a value that an instruction could not do without, empty where there is none.
func (f failureExplainer) missingArgument(text string, img plan.Image, place problem.Place) string {
	found := blankBase.FindStringSubmatch(text)
	if found == nil && missingFile.MatchString(text) {
		found = copiedArgument.FindStringSubmatch(place.Snippet)
	}
	if found == nil {
		return ""
	}
	data, err := os.ReadFile(filepath.Join(f.root, filepath.FromSlash(img.Dockerfile)))
	if _, set := img.Args[found[1]]; err != nil || set {
		return ""
	}
	for _, declared := range plainArgument.FindAllSubmatch(data, -1) {
		if string(declared[1]) == found[1] {
			return found[1]
		}
	}
	return ""
}

// baseRemedy finds the image in the error, else in the instruction: BuildKit leaves it out where it got no token.
func (f failureExplainer) baseRemedy(text string, place problem.Place) string {
	found := baseName.FindStringSubmatch(text)
	if found == nil {
		found = fromLine.FindStringSubmatch(place.Snippet)
	}
	if found == nil {
		return "check the name in FROM and the account for its registry"
	}
	host := "its registry"
	if named, err := reference.ParseNormalizedNamed(found[1]); err == nil {
		host = reference.Domain(named)
	}
	if !unauthorizedText.MatchString(text) {
		return fmt.Sprintf("check that %s exists and that the BuildKit daemon reaches %s", found[1], host)
	}
	account := "without an account"
	if user := f.keys.User(host); user != "" {
		account = fmt.Sprintf("as %q", user)
	}
	return fmt.Sprintf("%s was asked %s: check the name, and grant the account read access "+
		"(docker login %s; in a workflow: permissions: packages: read)", host, account, host)
}

// cannotPush reports whether all of an image was built and its daemon failed to push it. A daemon may lack the route, the name
// service or the certificates that this machine has, repeats less and reads fewer kinds of challenges than we do, and does not
// say what a refused account is to do.
func cannotPush(err error) bool { return err != nil && failedPush.MatchString(err.Error()) }

var stageName = regexp.MustCompile(`(?mi)^\s*FROM\s+.*\s+AS\s+(\S+)\s*$`)

// stageNames are the names of a Dockerfile's stages.
func (f failureExplainer) stageNames(img plan.Image) (names []string) {
	data, err := os.ReadFile(filepath.Join(f.root, filepath.FromSlash(img.Dockerfile)))
	if err != nil {
		return nil
	}
	for _, m := range stageName.FindAllStringSubmatch(string(data), -1) {
		names = append(names, m[1])
	}
	return names
}

// checkFiles finds what BuildKit reports badly: a Dockerfile or a context that does not exist.
func checkFiles(img plan.Image, root string) error {
	info, err := os.Stat(filepath.Join(root, filepath.FromSlash(img.Context)))
	if err == nil && !info.IsDir() {
		err = errors.New("it is not a directory")
	}
	if err != nil {
		return missingPath(err, img, "context", img.Context)
	}
	info, err = os.Stat(filepath.Join(root, filepath.FromSlash(img.Dockerfile)))
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is not a file")
	}
	if err != nil {
		return missingPath(err, img, "dockerfile", img.Dockerfile)
	}
	return nil
}

func missingPath(err error, img plan.Image, key, name string) error {
	if errors.Is(err, fs.ErrNotExist) {
		err = fs.ErrNotExist
	}
	remedy := fmt.Sprintf("create %s, or set components.%s.%s in %s", name, img.Component, key, config.FileName)
	return problem.New(problem.Failed, remedy, "reading the %s of component %q: %w", key, img.Component, err).At(problem.Place{File: name})
}

func vertexDigest(v *errdefs.VertexError) digest.Digest { return digest.Digest(v.GetDigest()) }
