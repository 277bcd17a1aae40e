package registry

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// putManifest refuses a manifest whose blobs are not in the repository, as registries do and go-containerregistry's does
// not: a push in the wrong order, or one that left a blob out, must not pass a test.
func putManifest(s *Server, w http.ResponseWriter, r *http.Request, request Request) {
	content, err := io.ReadAll(io.LimitReader(r.Body, 8<<20))
	if err != nil {
		refuse(w, http.StatusBadRequest, "MANIFEST_INVALID", "the body cannot be read")
		return
	}
	mediaType := r.Header.Get("Content-Type")
	if missing := missingContent(s, r, mediaType, content); missing != "" {
		refuse(w, http.StatusNotFound, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry: "+missing)
		return
	}
	if s.options.Dir != "" {
		if err := s.store.keepManifest(r.URL.Path, mediaType, request, content); err != nil {
			refuse(w, http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", err.Error())
			return
		}
	}
	r.Body = io.NopCloser(bytes.NewReader(content))
	s.registry.ServeHTTP(w, r)
}

// missingContent returns the digest of the first blob that the repository lacks, empty if it has all or if it is an index, whose
// manifests the handler behind checks itself.
func missingContent(s *Server, r *http.Request, mediaType string, content []byte) string {
	if !types.MediaType(mediaType).IsImage() {
		return ""
	}
	var manifest v1.Manifest
	if err := json.Unmarshal(content, &manifest); err != nil {
		return "the manifest is not JSON"
	}
	for _, blob := range append([]v1.Descriptor{manifest.Config}, manifest.Layers...) {
		if !blob.MediaType.IsDistributable() {
			continue
		}
		if _, err := s.store.Stat(r.Context(), "", blob.Digest); err != nil {
			return blob.Digest.String()
		}
	}
	return ""
}
