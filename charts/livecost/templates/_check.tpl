{{- /* Values that do not go together: most of them the operator would refuse too, but in a pod that ends again and again. */ -}}
{{- define "livecost.check" -}}
{{- $settings := .Values.settings }}
{{- $secret := .Values.prometheusSecret }}
{{- $name := include "livecost.fullname" . }}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) }}
{{- fail (printf "fullnameOverride: %s cannot name a Service, which begins with a letter and has no dots; write another name" $name) }}
{{- end }}
{{- $keys := or $secret.tokenKey $secret.passwordKey $secret.caKey }}
{{- if and (not $settings.leaderElect) (gt (int .Values.replicaCount) 1) }}
{{- fail "settings.leaderElect: several replicas would all write; leave it on, or set replicaCount=1" }}
{{- end }}
{{- if and $keys (not $secret.name) }}
{{- fail "prometheusSecret.name: write the Secret that holds the keys" }}
{{- end }}
{{- if and $secret.name (not $keys) }}
{{- fail "prometheusSecret: write which keys of the Secret are used: tokenKey, passwordKey or caKey" }}
{{- end }}
{{- if ne (empty $settings.prometheusUsername) (empty $secret.passwordKey) }}
{{- fail "settings.prometheusUsername and prometheusSecret.passwordKey go together; write both" }}
{{- end }}
{{- if and $settings.prometheusUsername $secret.tokenKey }}
{{- fail "prometheusSecret.tokenKey and settings.prometheusUsername both log in; write only one of them" }}
{{- end }}
{{- if and $keys (not (hasPrefix "https://" (toString $settings.prometheusUrl))) }}
{{- fail "settings.prometheusUrl: credentials are sent over TLS only; write an https:// address" }}
{{- end }}
{{- if ge (float64 $settings.leaseRenewDeadlineSeconds) (float64 $settings.leaseDurationSeconds) }}
{{- fail "settings.leaseRenewDeadlineSeconds: write less than leaseDurationSeconds" }}
{{- end }}
{{- if le (float64 $settings.leaseRenewDeadlineSeconds) (mulf 1.2 $settings.leaseRetrySeconds) }}
{{- fail "settings.leaseRetrySeconds: write well below leaseRenewDeadlineSeconds, which is to be 1.2 times as long at least" }}
{{- end }}
{{- if gt (float64 $settings.observationStepSeconds) (float64 $settings.observationWindowSeconds) }}
{{- fail "settings.observationStepSeconds: write no more than observationWindowSeconds" }}
{{- end }}
{{- if gt (float64 $settings.observationWindowSeconds) (mulf 10000 $settings.observationStepSeconds) }}
{{- fail "settings.observationStepSeconds: too fine for observationWindowSeconds; write a 10,000th of it at least" }}
{{- end }}
{{- if and .Values.web.enabled (eq (include "livecost.webServiceAccountName" .) (include "livecost.serviceAccountName" .)) }}
{{- fail "web.serviceAccount.name: the pages only read, so name another account than the operator's" }}
{{- end }}
{{- end }}
