package collector

import (
	"encoding/hex"
	"fmt"

	coltracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
)

// Span is one span as it was received. Ids are in hex, attributes as texts.
type Span struct {
	Service           string // service.name of its resource
	Name              string
	Trace, ID, Parent string
	Attributes        map[string]string
	Failed            bool
	Message           string // of its status
}

func spans(request *coltracepb.ExportTraceServiceRequest) []Span {
	var all []Span
	for _, resource := range request.ResourceSpans {
		service := attributes(resource.GetResource().GetAttributes())["service.name"]
		for _, scope := range resource.ScopeSpans {
			for _, s := range scope.Spans {
				all = append(all, Span{
					Service: service, Name: s.Name, Trace: hex.EncodeToString(s.TraceId), ID: hex.EncodeToString(s.SpanId),
					Parent: hex.EncodeToString(s.ParentSpanId), Attributes: attributes(s.Attributes),
					Failed: s.GetStatus().GetCode() == 2, Message: s.GetStatus().GetMessage(),
				})
			}
		}
	}
	return all
}

func attributes(list []*commonpb.KeyValue) map[string]string {
	texts := map[string]string{}
	for _, a := range list {
		switch v := a.Value.GetValue().(type) {
		case *commonpb.AnyValue_StringValue:
			texts[a.Key] = v.StringValue
		case *commonpb.AnyValue_IntValue:
			texts[a.Key] = fmt.Sprint(v.IntValue)
		default:
			texts[a.Key] = a.Value.String()
		}
	}
	return texts
}
