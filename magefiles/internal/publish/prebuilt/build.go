package prebuilt

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/procgroup"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/script"
	"github.com/xiilab/astrago-ci/magefiles/internal/toolchain"
)

// Options of a Build.
type Options struct {
	Sources   string // checkout of this repository
	Dir       string // that gets the packed programs and a copy of their sums
	From      string // address below which releases are
	GoVersion string // that compiles, exactly: another one gives other bytes
	Platforms []string
	Level     int // of gzip's compression, gzip.BestCompression for a release
	Say       toolchain.Say
}

// Platforms are those that releases are built for.
func Platforms() []string {
	return []string{"linux-amd64", "linux-arm64", "darwin-amd64", "darwin-arm64", "windows-amd64", "windows-arm64"}
}

// Set is the programs of a Build.
type Set struct {
	Sums
	Dir string
}

// Path returns the path of a packed program.
func (s Set) Path(p Program) string { return filepath.Join(s.Dir, p.AssetName()) }

// Content is the name of a checkout's content, by its own scripts/mage.
func Content(ctx context.Context, sources string) (string, error) {
	cmd := procgroup.Command(ctx, filepath.Join(sources, "scripts", "mage"), "-content")
	cmd.Dir = sources
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("naming the content of %q: %w", sources, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// Build compiles the targets that applications share, as scripts/mage does, for each platform in turn: mage writes its main into the
// sources. What is in the directory already is replaced.
func Build(ctx context.Context, o Options) (Set, error) {
	set := Set{Dir: o.Dir, Sums: Sums{From: o.From}}
	var err error
	if set.Content, err = Content(ctx, o.Sources); err != nil {
		return Set{}, err
	}
	scratch, err := os.MkdirTemp("", "targets-")
	if err != nil {
		return Set{}, fmt.Errorf("making a directory to compile in: %w", err)
	}
	defer os.RemoveAll(scratch)
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return Set{}, fmt.Errorf("making a directory for the targets: %w", err)
	}
	c, err := newCompiler(ctx, o, scratch)
	if err != nil {
		return Set{}, err
	}
	for _, platform := range o.Platforms {
		o.Say("compiling the targets for %s", platform)
		path, err := c.compile(ctx, platform)
		if err != nil {
			return Set{}, err
		}
		program, err := pack(path, platform, o.Dir, o.Level)
		if err != nil {
			return Set{}, err
		}
		set.Programs = append(set.Programs, program)
	}
	if err := os.WriteFile(filepath.Join(o.Dir, filepath.Base(SumsPath)), []byte(set.String()), 0o644); err != nil {
		return Set{}, fmt.Errorf("recording the sums: %w", err)
	}
	return set, nil
}

// compiler compiles as scripts/mage does.
type compiler struct {
	options   Options
	scratch   string
	mage      string
	environ   []string
	linkFlags string
}

func newCompiler(ctx context.Context, o Options, scratch string) (*compiler, error) {
	flags, err := script.Flags(o.Sources)
	if err != nil {
		return nil, err
	}
	linkFlags, err := script.LinkFlags(o.Sources)
	if err != nil {
		return nil, err
	}
	c := &compiler{options: o, scratch: scratch, mage: filepath.Join(scratch, "mage"), linkFlags: linkFlags}
	cmd := procgroup.Command(ctx, "go", "build", "-o", c.mage, "github.com/magefile/mage")
	// Nothing else of the environment changes what is compiled.
	c.environ = slices.DeleteFunc(slices.Clone(cmd.Env), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return slices.Contains([]string{"GOOS", "GOARCH", "GOEXPERIMENT", "GOFIPS140", "GOAMD64", "GOARM64", "GOARM"}, name)
	})
	c.environ = append([]string{"GOGC=off", "GOMEMLIMIT=1GiB"}, c.environ...)
	c.environ = append(c.environ, "GOWORK=off", "GOFLAGS="+flags, "CGO_ENABLED=0", "GOTOOLCHAIN=go"+o.GoVersion)
	cmd.Dir, cmd.Env = o.Sources, c.environ
	return c, toolchain.Run(ctx, cmd, "check the network and GOPROXY")
}

// compile returns where the program is. mage writes the file's name into what the targets say of themselves.
func (c *compiler) compile(ctx context.Context, platform string) (string, error) {
	system, architecture, _ := strings.Cut(platform, "-")
	path := filepath.Join(c.scratch, platform, "mage")
	if system == "windows" {
		path += ".exe"
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", fmt.Errorf("making a directory to compile in: %w", err)
	}
	template := filepath.Join(c.options.Sources, "templates", "generic", "magefiles")
	cmd := procgroup.Command(ctx, c.mage, "-d", template, "-w", c.options.Sources, "-goos", system, "-goarch", architecture,
		"-ldflags", c.linkFlags, "-compile", path)
	cmd.Dir, cmd.Env = c.options.Sources, c.environ
	return path, toolchain.Run(ctx, cmd, "")
}
