package project

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/publish/prebuilt"
)

// targetsPackage is the package that application repositories compile, or fetch compiled.
const targetsPackage = "./magefiles/targets"

// checkPlatforms checks the types of a package, and of all that it imports, as each platform of a release compiles them. Code is
// generated for none: that takes five times as long and finds nothing more. The release compiles for each.
func (c checkout) checkPlatforms(ctx context.Context, pattern string) error {
	var errs []error
	for _, platform := range prebuilt.Platforms() {
		c.say("types of %s on %s", pattern, platform)
		if err := c.checkPlatform(ctx, platform, pattern); err != nil {
			errs = append(errs, fmt.Errorf("checking the types on %s: %w", platform, err))
		}
	}
	return errors.Join(errs...)
}

func (c checkout) checkPlatform(ctx context.Context, platform, pattern string) error {
	system, architecture, _ := strings.Cut(platform, "-")
	loaded, err := packages.Load(&packages.Config{
		Context: ctx, Dir: c.dir,
		// With NeedDeps each import is read from its source: the compiled ones would have to be compiled first.
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedDeps |
			packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedTypesSizes,
		Env: append(c.environ(), "GOOS="+system, "GOARCH="+architecture, "CGO_ENABLED=0"),
	}, pattern)
	if err != nil {
		return problem.New(problem.Failed, "", "loading %s: %w", pattern, err)
	}
	var errs []error
	packages.Visit(loaded, nil, func(p *packages.Package) {
		for _, wrong := range p.Errors {
			errs = append(errs, wrong)
		}
	})
	return errors.Join(errs...)
}
