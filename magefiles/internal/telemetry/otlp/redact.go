package otlp

import (
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
)

// redactSpans passes every text of the spans through mask, in place: names, attributes and messages may quote what a server, a
// command or BuildKit has said.
func redactSpans(resources []*tracepb.ResourceSpans, mask func(string) string) {
	for _, resource := range resources {
		redactAttributes(resource.GetResource().GetAttributes(), mask)
		for _, scope := range resource.ScopeSpans {
			redactAttributes(scope.GetScope().GetAttributes(), mask)
			for _, span := range scope.Spans {
				redactSpan(span, mask)
			}
		}
	}
}

func redactSpan(span *tracepb.Span, mask func(string) string) {
	span.Name = mask(span.Name)
	span.TraceState = mask(span.TraceState)
	redactAttributes(span.Attributes, mask)
	if span.Status != nil {
		span.Status.Message = mask(span.Status.Message)
	}
	for _, event := range span.Events {
		event.Name = mask(event.Name)
		redactAttributes(event.Attributes, mask)
	}
	for _, link := range span.Links {
		redactAttributes(link.Attributes, mask)
	}
}

func redactAttributes(attributes []*commonpb.KeyValue, mask func(string) string) {
	for _, attribute := range attributes {
		redactValue(attribute.Value, mask)
	}
}

func redactValue(value *commonpb.AnyValue, mask func(string) string) {
	switch v := value.GetValue().(type) {
	case *commonpb.AnyValue_StringValue:
		v.StringValue = mask(v.StringValue)
	case *commonpb.AnyValue_ArrayValue:
		for _, each := range v.ArrayValue.Values {
			redactValue(each, mask)
		}
	case *commonpb.AnyValue_KvlistValue:
		redactAttributes(v.KvlistValue.Values, mask)
	}
}
