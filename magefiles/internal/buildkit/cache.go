package buildkit

import (
	"cmp"
	"maps"
	"path/filepath"
	"strings"

	"github.com/moby/buildkit/client"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/attachable"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// cacheSource returns the caches of images. Every call makes new maps, as BuildKit's client writes into those it gets.
type cacheSource struct {
	root   string // of the repository; directories of local caches are relative to it
	lookup func(string) (string, bool)
}

// importEntries returns the caches in which the steps of an image, and of those that it needs, are looked for. One that is missing is no
// failure to BuildKit.
func (c cacheSource) importEntries(img plan.Image, platforms []string) (entries []client.CacheOptionsEntry) {
	for _, img := range img.WithNeeds() {
		for _, ref := range cacheRefs(img, platforms) {
			entries = append(entries, client.CacheOptionsEntry{Type: "registry", Attrs: map[string]string{"ref": ref}})
		}
		for _, e := range img.Cache.From {
			entries = c.appendEntry(entries, e)
		}
	}
	return entries
}

// exportEntries returns the caches in which the steps of an image are kept for other machines. A cache that does not take them fails no
// build, unless the configuration says `ignore-error=false`.
func (c cacheSource) exportEntries(img plan.Image, platforms []string) (entries []client.CacheOptionsEntry) {
	for _, ref := range cacheRefs(img, platforms) {
		entries = append(entries, client.CacheOptionsEntry{Type: "registry", Attrs: map[string]string{
			"ref": ref, "mode": string(img.Cache.Mode),
		}})
	}
	for _, e := range img.Cache.To {
		entries = c.appendEntry(entries, e)
	}
	for _, e := range entries {
		e.Attrs["ignore-error"] = cmp.Or(e.Attrs["ignore-error"], "true")
	}
	return entries
}

// cacheRefs are names of their own for each component and platform: a build that writes a name replaces what it had.
func cacheRefs(img plan.Image, platforms []string) (refs []string) {
	if img.Cache.Image.IsZero() {
		return nil
	}
	for _, platform := range platforms {
		refs = append(refs, img.Cache.Image.Tagged(string(img.Component)+"-"+strings.ReplaceAll(platform, "/", "-")).String())
	}
	return refs
}

// appendEntry takes over an entry of the configuration. GitHub's cache is left out where its address or token is not to be had,
// as buildx does: steps of `run:` do not see them unless an action passes them on (buildkit README, "GitHub Actions cache").
func (c cacheSource) appendEntry(entries []client.CacheOptionsEntry, e config.CacheEntry) []client.CacheOptionsEntry {
	attrs := maps.Clone(e.Attrs)
	switch e.Type {
	case "local":
		for _, name := range []string{"src", "dest"} {
			if dir := attrs[name]; dir != "" && !filepath.IsAbs(dir) {
				attrs[name] = filepath.Join(c.root, filepath.FromSlash(dir))
			}
		}
	case "gha":
		c.fillFromEnv(attrs, "token", "ACTIONS_RUNTIME_TOKEN")
		c.fillFromEnv(attrs, "url", "ACTIONS_CACHE_URL")
		c.fillFromEnv(attrs, "url_v2", "ACTIONS_RESULTS_URL")
		if attrs["token"] == "" || attrs["url"]+attrs["url_v2"] == "" {
			return entries
		}
	}
	return append(entries, client.CacheOptionsEntry{Type: e.Type, Attrs: attrs})
}

// fillFromEnv sets an attribute that the configuration leaves open.
func (c cacheSource) fillFromEnv(attrs map[string]string, name, variable string) {
	if attrs[name] != "" || c.lookup == nil {
		return
	}
	if value, ok := c.lookup(variable); ok && value != "" {
		attrs[name] = value
	}
}

// tokenSecret is GitHub's token, so that no output shows it.
func (c cacheSource) tokenSecret() attachable.Secrets {
	attrs := map[string]string{}
	c.fillFromEnv(attrs, "token", "ACTIONS_RUNTIME_TOKEN")
	return attachable.Secrets{"": []byte(attrs["token"])}
}
