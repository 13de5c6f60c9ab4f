#!/usr/bin/env python3
"""The reference that makespan_bounds.ts is tested against.

Bounds for WfFormat 1.5 instances (own code, not from WfCommons). Usage: bounds.py FILE.json... > bounds.tsv
Model: m identical workers, non-preemptive, unit-width tasks, no transfer cost, runtime = execution.runtimeInSeconds.
LB(m)=max(CP, W/m, max_{h,q} h+q+W{head>=h,tail>=q}/m); UB(m)=HLFET list schedule (priority = bottom level)."""
import json,sys,heapq,collections
MS=[1,2,4,8,16,32,64]
def load(f):
    w=json.load(open(f))['workflow']; T=w['specification']['tasks']
    P={t['id']:set(t['parents']) for t in T}; rt={t['id']:t['runtimeInSeconds'] for t in w['execution']['tasks']}
    for t in T:
        for c in t['children']: P[c].add(t['id'])
    return P,{i:float(rt.get(i,0)) for i in P},w['execution'].get('makespanInSeconds')
def topo(P):
    ch=collections.defaultdict(list); deg={i:len(p) for i,p in P.items()}
    for i,p in P.items():
        for a in p: ch[a].append(i)
    q=collections.deque(i for i in P if deg[i]==0); o=[]
    while q:
        u=q.popleft(); o.append(u)
        for v in ch[u]:
            deg[v]-=1
            if deg[v]==0: q.append(v)
    assert len(o)==len(P),'cycle'
    return o,ch
def bounds(P,rt):
    o,ch=topo(P); head={}; tail={}
    for i in o: head[i]=max((head[p]+rt[p] for p in P[i]),default=0.0)
    for i in reversed(o): tail[i]=max((tail[c]+rt[c] for c in ch[i]),default=0.0)
    cp=max(head[i]+rt[i] for i in P); W=sum(rt.values()); res={}
    ids=list(P); bytail=sorted(ids,key=lambda i:-tail[i]); LB={m:max(cp,W/m) for m in MS}
    for hv in set(head.values()):
        c=0.0
        for i in bytail:                       # S = tasks with head>=hv and tail>=tail[i]
            if head[i]>=hv:
                c+=rt[i]; base=hv+tail[i]
                for m in MS:
                    v=base+c/m
                    if v>LB[m]: LB[m]=v
    for m in MS:
        lb=LB[m]
        bl={i:tail[i]+rt[i] for i in ids}; deg={i:len(P[i]) for i in ids}
        ready=[(-bl[i],i) for i in ids if deg[i]==0]; heapq.heapify(ready); run=[]; now=0.0; free=m
        while ready or run:
            while ready and free: _,i=heapq.heappop(ready); heapq.heappush(run,(now+rt[i],i)); free-=1
            now,i=heapq.heappop(run); done=[i]
            while run and run[0][0]==now: done.append(heapq.heappop(run)[1])
            for d in done:
                free+=1
                for c in ch[d]:
                    deg[c]-=1
                    if deg[c]==0: heapq.heappush(ready,(-bl[c],c))
        res[m]=(lb,now)
    lev={}
    for i in o: lev[i]=1+max((lev[p] for p in P[i]),default=0)
    return dict(tasks=len(P),edges=sum(map(len,P.values())),levels=max(lev.values()),width=max(collections.Counter(lev.values()).values()),roots=sum(not p for p in P.values()),leaves=sum(not ch[i] for i in P),max_fanout=max(len(ch[i]) for i in P),max_fanin=max(map(len,P.values())),work_s=round(W,2),cp_s=round(cp,2)),res
if __name__=='__main__':
    first=True
    for f in sys.argv[1:]:
        P,rt,ms=load(f); a,res=bounds(P,rt)
        if first: print('\t'.join(['file',*a,'recorded_makespan_s',*[f'LB{m}' for m in MS],*[f'UB{m}' for m in MS]])); first=False
        print('\t'.join(map(str,[f.split('/')[-1],*a.values(),ms,*[round(res[m][0],2) for m in MS],*[round(res[m][1],2) for m in MS]])))
